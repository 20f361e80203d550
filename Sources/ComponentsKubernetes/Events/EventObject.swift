import Components
import Foundation
import JSON
import Kubernetes

/// An `Event` of the core group: what a tool's maintainer sees with `kubectl get events`.
struct EventObject: KubernetesResource {
    static let definition = ResourceDefinition(group: "", version: "v1", plural: "events", kind: "Event")

    /// The component that reports the event.
    static let component = "components-api"

    /// The reasons of events: one word each, in Kubernetes' style.
    enum Reason: String, CaseIterable {
        case started = "DeploymentStarted"
        case succeeded = "DeploymentSucceeded"
        case failed = "DeploymentFailed"
        case cancelled = "DeploymentCancelled"
        case removed = "DeploymentRemoved"
    }

    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }

    /// An event about a deployment.
    ///
    /// - Parameters:
    ///   - uid: which object of that name it is about: `kubectl describe` looks for it.
    ///   - moment: when it happened; to the second.
    init(_ reason: Reason, about deployment: DeploymentIdentity, uid: String, message: String, at moment: Date) {
        metadata = ObjectMetadata(
            name: Self.name(reason, deployment.id, uid: uid), namespace: deployment.tool.namespace)
        let time = JSONValue.string(moment.formatted(.iso8601))
        let source = JSONValue.string(Self.component)
        json = [
            "metadata": metadata.json, "type": reason == .failed ? "Warning" : "Normal",
            "reason": .string(reason.rawValue), "message": .string(message.clipped), "firstTimestamp": time,
            "lastTimestamp": time, "count": 1, "source": ["component": source], "reportingComponent": source,
            "involvedObject": [
                "apiVersion": .string(ToolDeploymentObject.definition.apiVersion),
                "kind": .string(ToolDeploymentObject.definition.kind),
                "namespace": .string(deployment.tool.namespace), "name": .string(deployment.id), "uid": .string(uid),
            ],
        ]
    }

    /// `<deploy-id>.<16 hexadecimal digits>`: the same for the same event, so that it cannot be stored twice.
    ///
    /// The uid is in it because a key may start another deployment of the same id once the first is removed. Names have room for 253 characters; an id that leaves too little is cut, and told apart by the digits.
    static func name(_ reason: Reason, _ id: String, uid: String) -> String {
        let hash = String(fnv1a("\(id)/\(reason.rawValue)/\(uid)"), radix: 16)
        var prefix = id.prefix(maximumNameLength - 17)
        while let last = prefix.last, last == "-" || last == "." { prefix.removeLast() }
        return "\(prefix).\(String(repeating: "0", count: 16 - hash.count))\(hash)"
    }

    private static let maximumNameLength = 253

    /// FNV-1a with 64 bits (RFC 9923): it distinguishes names and is no protection.
    private static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension EventObject {
    /// The event of a change, if it has one.
    init?(_ change: DeploymentChange, now: Date) {
        switch change {
        case .recorded(let record), .resumed(let record):
            let count = record.request.builds.count
            self.init(
                .started, about: record.request.identity, uid: record.identity,
                message: (record.request.requestedBy.map { "asked for by \($0); " } ?? "")
                    + "\(count) \(count == 1 ? "build starts" : "builds start"): \(Self.names(record.request.builds))",
                at: now)
        case .ended(let record, let end):
            let builds = record.request.builds
            let phase = record.status.phase(of: record.request)
            let failed = builds.filter { record.status.builds[$0.component]?.phase != .succeeded }
            let count =
                failed.isEmpty
                ? "\(builds.count == 1 ? "the build" : "all \(builds.count) builds") succeeded"
                : "\(failed.count) of \(builds.count) builds did not succeed: "
                    + Self.names(failed) { record.status.builds[$0.component]?.reason }
            let cause = record.status.stop.map { "\($0.reason.rawValue): " } ?? ""
            let reason: Reason =
                switch phase {
                case .succeeded: .succeeded
                case .cancelled: .cancelled
                default: .failed
                }
            self.init(
                reason, about: record.request.identity, uid: record.identity, message: cause + count, at: end)
        case .removed(let entry, let tool):
            self.init(
                .removed, about: DeploymentIdentity(id: entry.id, tool: tool), uid: entry.identity,
                message: "removed to make room for newer deployments; builds that had not ended are cancelled", at: now)
        case .buildEnded, .stopped:
            return nil
        }
    }

    /// This many names of 40 characters, with a reason each, keep a message below the 1,024 bytes that an event allows.
    private static let maximumNames = 14

    /// The components, each with the reason if there is one.
    private static func names(
        _ builds: [PlannedBuild], because reason: (PlannedBuild) -> Components.Reason? = { _ in nil }
    ) -> String {
        let shown = builds.prefix(maximumNames)
            .map { build in reason(build).map { "\(build.component) (\($0.rawValue))" } ?? build.component }
            .joined(separator: ", ")
        return builds.count > maximumNames ? "\(shown) and \(builds.count - maximumNames) more" : shown
    }
}
