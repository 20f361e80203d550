/// What goes wrong with a request.
enum FaultAction: Sendable, Equatable {
    /// Before or after what the request asks for is done.
    enum Moment: String, Sendable {
        case before, after
    }

    /// When a process is killed.
    enum KillMoment: String, Sendable {
        /// Before what the request asks for is done, after it but before the answer, or once the answer is sent.
        case before, after, answered
    }

    /// Waits, and goes on to the next rule.
    case latency(milliseconds: Int)
    /// Answers with an error; `commit`: what was asked for is done all the same.
    case status(code: Int, reason: String?, message: String, headers: [String: String], commit: Bool)
    /// Closes the connection without an answer.
    case drop(Moment)
    /// Never answers.
    case hang(Moment)
    /// Kills a process; the connection is closed without an answer, unless that was sent before.
    case kill(pid: Int32, KillMoment)
    /// Answers one byte each so many milliseconds.
    case drip(milliseconds: Int)
    /// Answers what no API server would; `commit`: what was asked for is done all the same.
    case garble(Garbling, commit: Bool)

    /// Reads an action as `PUT /_fake/faults` has it.
    init(_ value: Value) throws(StatusError) {
        func moment(_ key: String) -> Moment? { value[key]?.string.flatMap(Moment.init(rawValue:)) }
        if let milliseconds = value["latencyMilliseconds"]?.int {
            self = .latency(milliseconds: Int(milliseconds))
        } else if let code = value["status"]?.int {
            var headers: [String: String] = [:]
            for (name, text) in value["headers"]?.object ?? [:] { headers[name] = text.string ?? text.text }
            self = .status(
                code: Int(code), reason: value["reason"]?.string, message: value["message"]?.string ?? "a fault",
                headers: headers, commit: value["commit"]?.bool ?? false)
        } else if let moment = moment("drop") {
            self = .drop(moment)
        } else if let moment = moment("hang") {
            self = .hang(moment)
        } else if let pid = value["kill"]?.int.flatMap(Int32.init(exactly:)), pid > 1 {
            self = .kill(pid: pid, value["when"]?.string.flatMap(KillMoment.init(rawValue:)) ?? .before)
        } else if let milliseconds = value["drip"]?.int {
            self = .drip(milliseconds: Int(milliseconds))
        } else if let garbling = value["garble"]?.string.flatMap(Garbling.init(rawValue:)) {
            self = .garble(garbling, commit: value["commit"]?.bool ?? true)
        } else {
            throw .badRequest("this is no action of a fault: \(value.text)")
        }
    }

    /// How the journal calls it.
    var label: String {
        switch self {
        case .latency(let milliseconds): "latency \(milliseconds)"
        case .status(let code, _, _, _, let commit): "status \(code)" + (commit ? " commit" : "")
        case .drop(let moment): "drop \(moment.rawValue)"
        case .hang(let moment): "hang \(moment.rawValue)"
        case .kill(_, let moment): "kill \(moment.rawValue)"
        case .drip(let milliseconds): "drip \(milliseconds)"
        case .garble(let garbling, let commit): "garble \(garbling.rawValue)" + (commit ? " commit" : "")
        }
    }

    /// Whether what the request asks for is done, though the client may never hear of it.
    var performsRequest: Bool {
        switch self {
        case .latency, .drip: true
        case .status(_, _, _, _, let commit), .garble(_, let commit): commit
        case .drop(let moment), .hang(let moment): moment == .after
        case .kill(_, let moment): moment != .before
        }
    }
}
