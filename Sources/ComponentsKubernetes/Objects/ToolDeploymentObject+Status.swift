import Components
import Foundation
import JSON

/// The `status` of a `ToolDeployment`.
extension ToolDeploymentObject {
    /// What the status says, as the rules understand it.
    static func status(_ json: JSONValue?) throws(ClusterFailure) -> DeploymentStatus {
        guard let json, json != .null else { return DeploymentStatus() }
        var status = DeploymentStatus()
        if let stop = json["stop"], stop != .null {
            guard let reason = stop["reason"]?.stringValue.flatMap(Reason.init(rawValue:)),
                let at = stop["at"]?.stringValue.flatMap({ Date(formattedWithMicroseconds: $0) })
            else { throw .unreadable(reason: "status.stop has no known reason and time") }
            status.stop = DeploymentStop(reason: reason, by: stop["by"]?.stringValue, at: at)
        }
        guard let noted = json["builds"], noted != .null else { return status }
        guard let entries = noted.objectValue else { throw .unreadable(reason: "status.builds is not a mapping") }
        for (component, entry) in entries.members {
            guard let start = entry["start"]?.stringValue.flatMap(StartNote.init(rawValue:)),
                let phase = entry["phase"]?.stringValue.flatMap(BuildPhase.init(rawValue:))
            else { throw .unreadable(reason: "status.builds.\(component) has no known start and phase") }
            var build = BuildStatus(
                start: start, phase: phase, reason: entry["reason"]?.stringValue.flatMap(Reason.init(rawValue:)),
                message: entry["message"]?.stringValue ?? "", commit: entry["commit"]?.stringValue,
                image: entry["image"]?.stringValue, builder: entry["builder"]?.stringValue,
                started: entry["started"]?.stringValue.flatMap { Date(formattedWithMicroseconds: $0) },
                ended: entry["ended"]?.stringValue.flatMap { Date(formattedWithMicroseconds: $0) },
                hasBegun: entry["begun"]?.boolValue ?? false)
            build.logTail = entry["logTail"].flatMap(logTail)
            status.builds[component] = build
        }
        return status
    }

    /// The end of a log; `nil` if it is missing or invalid: nothing depends on it.
    private static func logTail(_ json: JSONValue) -> BuildLogTail? {
        guard let step = json["step"]?.stringValue, let text = json["text"]?.stringValue else { return nil }
        return BuildLogTail(
            step: step, exitCode: json["exitCode"]?.intValue.flatMap(Int.init(exactly:)),
            lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    private static func json(_ tail: BuildLogTail) -> JSONValue {
        var object: JSONObject = ["step": .string(tail.step), "text": .string(tail.lines.joined(separator: "\n"))]
        object["exitCode"] = tail.exitCode.map { .number(JSONNumber($0)) }
        return .object(object)
    }

    /// The `status` of that request's object.
    static func json(_ status: DeploymentStatus, of request: DeploymentRequest) -> JSONValue {
        let entries = status.builds.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }
        let ended = request.builds.count { status.builds[$0.component]?.phase.isTerminal == true }
        var object: JSONObject = [
            "phase": .string(status.phase(of: request).rawValue),
            // A merge patch takes away what is `null`.
            "reason": status.reason(of: request).map { .string($0.rawValue) } ?? .null,
            "buildsDone": .string("\(ended)/\(request.builds.count)"), "builds": .object(JSONObject(entries)),
        ]
        if let stop = status.stop {
            var entry: JSONObject = [
                "reason": .string(stop.reason.rawValue), "at": .string(stop.at.formattedWithMicroseconds),
            ]
            entry["by"] = stop.by.map(JSONValue.string)
            object["stop"] = .object(entry)
        }
        return .object(object)
    }

    private static func json(_ build: BuildStatus) -> JSONValue {
        var entry: JSONObject = [
            "start": .string(build.start.rawValue), "phase": .string(build.phase.rawValue),
            "message": .string(build.message.clipped), "reason": build.reason.map { .string($0.rawValue) } ?? .null,
        ]
        entry["commit"] = build.commit.map(JSONValue.string)
        entry["image"] = build.image.map(JSONValue.string)
        entry["builder"] = build.builder.map(JSONValue.string)
        entry["started"] = build.started.map { .string($0.formattedWithMicroseconds) }
        entry["logTail"] = build.logTail.map(json)
        entry["ended"] = build.ended.map { .string($0.formattedWithMicroseconds) }
        if build.hasBegun { entry["begun"] = true }
        return .object(entry)
    }
}
