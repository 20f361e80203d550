/// A fault of a request.
enum FaultAction: Sendable, Equatable {
    /// Before or after the request is carried out.
    enum Moment: String, Sendable {
        case before, after
    }

    /// When a process is killed.
    enum KillMoment: String, Sendable {
        /// Before the request is carried out, after that but before the response, or once the response is sent.
        case before, after, answered
    }

    /// Waits, and continues with the next rule.
    case latency(milliseconds: Int)
    /// Responds with an error; `commit`: the request is carried out nevertheless.
    ///
    /// - Parameter text: A body of plain text, as priority and fairness sends it; `nil`: a `Status`.
    case status(StatusError, commit: Bool, text: String?)
    /// Closes the connection without a response.
    case drop(Moment)
    /// Never responds.
    case hang(Moment)
    /// Kills a process; the connection is closed without a response, unless it was sent before.
    case kill(pid: Int32, KillMoment)
    /// Sends the response one byte at a time, with a pause after each.
    case drip(milliseconds: Int)
    /// Sends a response that no API server would send; `commit`: the request is carried out nevertheless.
    case garble(Garbling, commit: Bool)
    /// A fault within a stream; other responses are not changed.
    case breakStream(StreamFault)

    /// Reads an action as `PUT /_fake/faults` has it.
    init(_ value: Value) throws(StatusError) {
        func moment(_ key: String) -> Moment? { value[key]?.string.flatMap(Moment.init(rawValue:)) }
        if value["pieces"] != nil {
            self = .breakStream(try StreamFault(value))
        } else if let milliseconds = value["latencyMilliseconds"]?.int {
            self = .latency(milliseconds: Int(milliseconds))
        } else if let code = value["status"]?.int {
            var headers: [String: String] = [:]
            for (name, text) in value["headers"]?.object ?? [:] { headers[name] = text.string ?? text.text }
            let error = StatusError(
                code: Int(code), reason: value["reason"]?.string, message: value["message"]?.string ?? "a fault",
                details: value["details"], headers: headers)
            self = .status(error, commit: value["commit"]?.bool ?? false, text: value["text"]?.string)
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
            throw .badRequest("this is not an action of a fault: \(value.text)")
        }
    }

    /// Its name in the journal.
    var label: String {
        switch self {
        case .latency(let milliseconds): "latency \(milliseconds)"
        case .status(let error, let commit, _): "status \(error.code)" + (commit ? " commit" : "")
        case .drop(let moment): "drop \(moment.rawValue)"
        case .hang(let moment): "hang \(moment.rawValue)"
        case .kill(_, let moment): "kill \(moment.rawValue)"
        case .drip(let milliseconds): "drip \(milliseconds)"
        case .garble(let garbling, let commit): "garble \(garbling.rawValue)" + (commit ? " commit" : "")
        case .breakStream(let fault): fault.label
        }
    }

    /// Whether the request is carried out, even if the client gets no response.
    var performsRequest: Bool {
        switch self {
        case .latency, .drip, .breakStream: true
        case .status(_, let commit, _), .garble(_, let commit): commit
        case .drop(let moment), .hang(let moment): moment == .after
        case .kill(_, let moment): moment != .before
        }
    }
}
