import Components
import JSON

/// The log of a build as it is sent: the bytes of each event.
struct BuildLogText: Sendable {
    /// The forms of a log.
    enum Form: String, Sendable, CaseIterable {
        /// A line for people: `[step] text`; what the build did not write stands behind `--`.
        case text = "text/plain"
        /// A JSON value a line: `{"time", "step", "line"}`, or `{"note"}`.
        case lines = "application/x-ndjson"

        /// The form that an `Accept` field prefers; text if it prefers neither.
        init(accept: String?) {
            guard let accept else {
                self = .text
                return
            }
            let types = AcceptedMediaTypes(accept)
            let (text, lines) = (Self.text, Self.lines)
            self = types.weight(ofAny: [lines.rawValue]) > types.weight(ofAny: [text.rawValue]) ? lines : text
        }

        /// Its `Content-Type`.
        var mediaType: String {
            switch self {
            case .text: "text/plain; charset=utf-8"
            case .lines: rawValue
            }
        }
    }

    let form: Form
    /// Whether each line of the text shows its time.
    var showsTimes = false

    private static let cut = " [cut: the line is longer than 64 KiB]"

    /// What is sent of an event; an empty line is a sign of life.
    func bytes(of event: BuildLogEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        switch (event, form) {
        case (.pause, _):
            break
        case (.lines(let step, let lines), .text):
            bytes.reserveCapacity(lines.reduce(0) { $0 + $1.text.count + step.utf8.count + 48 })
            for line in lines { append(line, of: step, to: &bytes) }
            return bytes
        case (.lines(let step, let lines), .lines):
            bytes.reserveCapacity(lines.reduce(0) { $0 + $1.text.count + step.utf8.count + 80 })
            for line in lines { append(json: line, of: step, to: &bytes) }
            return bytes
        case (.note(let note), .text):
            bytes += "-- \(Self.sentence(note))".utf8
        case (.note(let note), .lines):
            var json: JSONObject = ["note": .string(Self.sentence(note))]
            if case .complete = note { json["complete"] = true }
            bytes = JSONValue.object(json).serialized()
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func append(_ line: BuildLogLine, of step: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        bytes += step.utf8
        bytes += "] ".utf8
        if showsTimes, !line.time.isEmpty {
            bytes += line.time
            bytes.append(UInt8(ascii: " "))
        }
        bytes += line.text
        if line.isCut { bytes += Self.cut.utf8 }
        bytes.append(UInt8(ascii: "\n"))
    }

    private func append(json line: BuildLogLine, of step: String, to bytes: inout [UInt8]) {
        bytes += "{\"time\":".utf8
        if line.time.isEmpty {
            bytes += "null".utf8
        } else {
            bytes.append(json: String(decoding: line.time, as: UTF8.self))
        }
        bytes += ",\"step\":".utf8
        bytes.append(json: step)
        bytes += ",\"line\":".utf8
        bytes.append(json: String(decoding: line.text, as: UTF8.self) + (line.isCut ? Self.cut : ""))
        bytes += "}\n".utf8
    }

    /// What a note says.
    static func sentence(_ note: BuildLogNote) -> String {
        switch note {
        case .isBuild(let component):
            "The component has no build of its own: this is the log of the build of \(component)."
        case .isEarlierBuild(let component, let deployment):
            "Nothing had changed: this is the log of the build of \(component) in the deployment \(deployment), which was "
                + "taken."
        case .neverStarted(let why):
            "The build was never started, so it has no log: \(why)"
        case .waiting(let what):
            "The build waits to begin\(what.isEmpty ? "" : " (\(what))"): nothing is written yet. "
                + "follow=true waits with it."
        case .complete(let failed?):
            "The log is complete. The step \(failed.name) failed with the exit code \(failed.exitCode)."
        case .complete(nil):
            "The log is complete. Every step succeeded."
        case .goesOn:
            "This is the log so far: the build goes on. follow=true goes on with it."
        case .nothingWritten:
            "The build has ended, and none of its steps began: there is no log."
        case .gone(isKept: true):
            "The log is gone from the cluster: these are the last lines, as they were kept."
        case .gone(isKept: false):
            "The log is gone from the cluster, and nothing of it was kept."
        case .nodeUnreachable:
            "The cluster cannot reach the node on which the build runs, so it gives no log now. Try again in a minute."
        case .incomplete:
            "The log ended before the build did: its last lines may be missing. Read it again."
        case .clusterFailed(let why):
            "The log breaks off here, because \(why). Read it again."
        case .serviceStops:
            "This service is being restarted: read the log again, which goes on."
        }
    }
}
