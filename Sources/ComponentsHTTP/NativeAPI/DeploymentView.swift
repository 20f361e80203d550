import Components
import JSON

import struct Foundation.Calendar
import struct Foundation.Date
import struct Foundation.TimeZone

/// A deployment in the words of `/api/v1/tool/{tool}/deploy`.
struct DeploymentView {
    /// The deployment.
    let deployment: Deployment

    /// `deploy-id`, `creation-time`, `status`, `requested-by`, `reason` if there is one, and `builds` by component.
    var json: JSONValue {
        var json: JSONObject = [
            "deploy-id": .string(deployment.id),
            "creation-time": .string(Self.time(deployment.createdAt)),
            "status": .string(Self.word(for: deployment.phase)),
        ]
        json["requested-by"] = deployment.requestedBy.map(JSONValue.string)
        json["reason"] = deployment.reason.map { .string($0.rawValue) }
        json["components"] = deployment.options.components.map(JSONValue.strings)
        json["description"] = deployment.options.description.map(JSONValue.string)
        json["config-source"] = deployment.configFetch.map(Self.json)
        if let stop = deployment.stop {
            json[stop.reason == .superseded ? "superseded-by" : "cancelled-by"] = stop.by.map(JSONValue.string)
        }
        json["builds"] = .object(JSONObject(builds))
        return .object(json)
    }

    /// Where a config was fetched.
    static func json(_ fetch: ConfigFetch) -> JSONValue {
        ["url": .string(fetch.url), "sha256": .string(fetch.digest), "fetched": .string(time(fetch.at))]
    }

    /// The builds by component, and under the names of components that reuse a build, that build.
    private var builds: [(String, JSONValue)] {
        let own = deployment.builds.map { ($0.component, Self.json($0)) }
        let byComponent = Dictionary(deployment.builds.map { ($0.component, $0) }) { first, _ in first }
        let components = deployment.config["components"]?.objectValue?.members ?? []
        let reusing = components.compactMap { name, component -> (String, JSONValue)? in
            // Of a deployment of a part, only that part.
            guard byComponent[name] == nil, deployment.options.components?.contains(name) ?? true,
                let target = component["build"]?["reuse_from"]?.stringValue,
                var build = byComponent[target]
            else { return nil }
            build.logTail = nil
            return (name, Self.json(build, reusedFrom: target))
        }
        return reusing.isEmpty ? own : (own + reusing).sorted { $0.0 < $1.0 }
    }

    private static func json(_ build: Build, reusedFrom component: String? = nil) -> JSONValue {
        var json: JSONObject = [
            "build-id": .string(build.taken?.build ?? build.id), "status": .string(word(for: build.phase)),
            "message": .string(build.message),
        ]
        json["reuse-from"] = component.map(JSONValue.string)
        json["taken-from"] = build.taken.map { .string($0.deployment) }
        json["reason"] = build.reason.map { .string($0.rawValue) }
        json["ref"] = build.ref.map(JSONValue.string)
        json["commit"] = build.commit.map(JSONValue.string)
        json["image"] = build.image.map(JSONValue.string)
        json["builder"] = build.builder.map(JSONValue.string)
        json["started"] = build.started.map { .string(time($0)) }
        json["ended"] = build.ended.map { .string(time($0)) }
        if let tail = build.logTail {
            var kept: JSONObject = ["step": .string(tail.step), "lines": .strings(tail.lines)]
            kept["exit-code"] = tail.exitCode.map { .number(JSONNumber($0)) }
            json["log-tail"] = .object(kept)
        }
        return .object(json)
    }

    /// Every status of builds and of deployments.
    static let statuses = ["pending", "running", "finished", "error"]

    /// The statuses that a deployment has in a list.
    static let listedStatuses = statuses + [unreadable]

    /// The status, in a list, of what is stored and cannot be read.
    static let unreadable = "unreadable"

    /// A deployment in a list.
    static func json(_ listed: ListedDeployment) -> JSONValue {
        switch listed {
        case .deployment(var deployment):
            // A list is for an overview.
            for index in deployment.builds.indices { deployment.builds[index].logTail = nil }
            return DeploymentView(deployment: deployment).json
        case .unreadable(let id): return ["deploy-id": .string(id), "status": .string(unreadable)]
        }
    }

    /// The status of a deployment in a list.
    static func word(for listed: ListedDeployment) -> String {
        switch listed {
        case .deployment(let deployment): word(for: deployment.phase)
        case .unreadable: unreadable
        }
    }

    /// A deployment's status.
    static func word(for phase: DeploymentPhase) -> String {
        switch phase {
        case .pending: "pending"
        case .running, .cancelling: "running"
        case .succeeded: "finished"
        case .failed, .cancelled, .timedOut: "error"
        }
    }

    /// A build's status.
    static func word(for phase: BuildPhase) -> String {
        switch phase {
        case .pending: "pending"
        case .running: "running"
        case .succeeded: "finished"
        case .failed, .cancelled, .timedOut: "error"
        }
    }

    /// `yyyy-MM-dd HH:mm:ss` in UTC.
    static func time(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func digits(_ value: Int?, _ count: Int) -> String {
            let text = String(value ?? 0)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return "\(digits(parts.year, 4))-\(digits(parts.month, 2))-\(digits(parts.day, 2)) "
            + "\(digits(parts.hour, 2)):\(digits(parts.minute, 2)):\(digits(parts.second, 2))"
    }
}
