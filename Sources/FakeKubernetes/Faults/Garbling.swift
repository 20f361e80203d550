/// What is wrong with an answer that claims to be one of success.
enum Garbling: String, Sendable, CaseIterable {
    /// Nothing at all.
    case empty
    /// A page for people, as proxies send it.
    case html
    /// The first half.
    case truncated
    /// An object of another kind, of another name, or without metadata.
    case kind, name, metadata
    /// An account of a failure that bears no code.
    case status

    /// The answer that is sent instead of `answer`, which is `nil` if nothing was done.
    func garbled(_ answer: APIAnswer?) -> APIAnswer {
        var garbled = APIAnswer(status: 200, body: answer?.body ?? [])
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
}

extension APIAnswer {
    fileprivate mutating func change(_ change: (inout Value) -> Void) {
        guard var value = try? Value(parsing: body) else { return }
        change(&value)
        body = value.serialized()
    }
}
