/// What is wrong with a response that claims to be a success.
enum Garbling: String, Sendable, CaseIterable {
    /// An empty body.
    case empty
    /// An HTML page, as proxies send it.
    case html
    /// The first half.
    case truncated
    /// An object of another kind, of another name, or without metadata.
    case kind, name, metadata
    /// A `Status` with code 0.
    case status

    /// The response that is sent instead of the cluster's, which is `nil` if the request was not carried out.
    func garbled(_ answer: APIResponse?) -> APIResponse {
        var garbled = APIResponse(status: 200, body: answer?.body ?? [])
        switch self {
        case .empty: garbled.body = []
        case .html:
            garbled.contentType = "text/html"
            garbled.body = Array("<!doctype html><title>Welcome</title><p>It works!\n".utf8)
        case .truncated: garbled.body = Array(garbled.body.prefix(garbled.body.count / 2))
        case .kind: garbled.change { $0["kind"] = "Gadget" }
        case .name: garbled.change { $0.set("somebody-else", at: "metadata", "name") }
        case .metadata: garbled.change { $0["metadata"] = nil }
        case .status: garbled.body = Value.object(["kind": "Status", "apiVersion": "v1", "code": 0]).serialized()
        }
        return garbled
    }

    /// One event of a watch, or one line of a log, garbled.
    func garbled(piece: [UInt8]) -> [UInt8] {
        switch self {
        case .empty: [0x0A]
        case .html: Array("<!doctype html><title>Welcome</title><p>It works!\n".utf8)
        // Half a piece without its line feed: the next one follows in the same line.
        case .truncated: Array(piece.prefix(piece.count / 2))
        case .kind: changed(piece) { $0.set("Gadget", at: "object", "kind") }
        case .name: changed(piece) { $0.set("somebody-else", at: "object", "metadata", "name") }
        case .metadata: changed(piece) { $0.set(nil, at: "object", "metadata") }
        case .status: changed(piece) { $0["object"] = ["kind": "Status", "apiVersion": "v1", "code": 0] }
        }
    }

    private func changed(_ piece: [UInt8], _ change: (inout Value) -> Void) -> [UInt8] {
        guard var event = try? Value(parsing: piece) else { return piece }
        change(&event)
        return event.serialized() + [0x0A]
    }
}

extension APIResponse {
    fileprivate mutating func change(_ change: (inout Value) -> Void) {
        guard var value = try? Value(parsing: body) else { return }
        change(&value)
        body = value.serialized()
    }
}
