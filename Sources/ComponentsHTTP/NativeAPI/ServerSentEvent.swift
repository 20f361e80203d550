import Components
import JSON

/// A piece of a `text/event-stream` (HTML Standard, section 9.2).
struct ServerSentEvent: Equatable {
    /// The type of such a stream.
    static let mediaType = "text/event-stream"

    /// The names of the events.
    enum Name: String, CaseIterable {
        /// The deployment as it stands, or was stored anew.
        case change
        /// The same, at its end: the last event.
        case end
        /// It was removed: the last event.
        case removed
        /// The service is restarted: the last event of this response; whoever asks again misses nothing.
        case again
    }

    /// Its text, with the empty line at its end.
    let text: String

    /// A sign of life, which no client shows.
    static let comment = ServerSentEvent(text: ":\n\n")

    private init(text: String) { self.text = text }

    private init(_ name: Name, id: String? = nil, data: JSONValue, more: String = "") {
        text =
            (id.map { "id: \($0)\n" } ?? "")
            + "event: \(name.rawValue)\n\(more)data: \(String(decoding: data.serialized(), as: UTF8.self))\n\n"
    }

    /// A deployment as it was seen.
    init(_ seen: SeenDeployment) {
        self.init(
            seen.deployment.phase.isTerminal ? .end : .change, id: seen.version,
            data: DeploymentView(deployment: seen.deployment).json)
    }

    /// What is told to whoever follows the deployment of that id.
    init(_ event: FollowingEvent, of id: String) {
        switch event {
        case .changed(let seen): self.init(seen)
        case .removed: self.init(.removed, data: ["deploy-id": .string(id)])
        case .interrupted: self.init(.again, data: ["deploy-id": .string(id)], more: "retry: 1000\n")
        case .quiet, .failed: self = .comment
        }
    }

    /// The bytes that are sent.
    var bytes: [UInt8] { Array(text.utf8) }
}
