extension API {
    /// What is answered at paths that name no objects.
    func discovery(_ exchange: Exchange) -> APIAnswer {
        switch exchange.path {
        case "/healthz", "/readyz", "/livez": .text("ok")
        default: .pageNotFound
        }
    }
}
