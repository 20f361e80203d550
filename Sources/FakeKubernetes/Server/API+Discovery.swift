import HTTPTypes

extension API {
    /// What is answered at paths that name no objects.
    func discovery(_ exchange: Exchange) -> APIAnswer {
        guard exchange.method == "GET" || exchange.method == "HEAD" else { return .pageNotFound }
        switch exchange.path {
        case "/healthz", "/readyz", "/livez": return .text("ok")
        default:
            let definitions = store.definitions
            let discovery = Discovery(definitions, serverAddress: exchange.authority)
            return discovery.answer(at: exchange.path, accept: exchange.headers[.accept] ?? "") ?? .pageNotFound
        }
    }
}

extension ClusterStore {
    /// The kinds that are served now.
    var definitions: [ResourceDefinition] {
        let found = try? read { state throws(StatusError) in Array(state.definitions.values) }
        return found ?? []
    }
}
