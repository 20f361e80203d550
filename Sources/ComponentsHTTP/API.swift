import Components
import OpenAPI

/// What this service offers: its families of paths.
///
/// One more family is one more folder and one more line here.
struct API {
    let operations: any ComponentsOperations
    /// The number of a tool's deployments that are kept.
    let maximumRetained: Int
    /// What happens to deployments that overlap, where the request does not say.
    let overlap: DeploymentOptions.Overlap
    let metrics: @Sendable () -> MetricsDocument

    /// Every endpoint.
    ///
    /// - Parameter documents: what is answered where a family serves the documents.
    func table(documents: Documents) throws(EndpointTableError) -> EndpointTable {
        try EndpointTable([
            NativeAPI(
                handlers: NativeHandlers(operations: operations, overlap: overlap), maximumRetained: maximumRetained
            ).family,
            ServiceAPI(operations: operations, metrics: metrics, documents: documents).family,
        ])
    }

    /// The documents of every endpoint.
    ///
    /// They describe the endpoints that serve them too, so these are made twice: first to be described.
    func documents(version: String) throws(EndpointTableError) -> Documents {
        Documents(
            try table(documents: .none).document(
                title: "Toolforge components API", description: Self.description, version: version))
    }

    private static let description = """
        Stores the config of a tool, builds its components and follows the builds to their end. Every answer is an \
        envelope: `data`, and `messages` with the lists `info`, `warning` and `error`. A query parameter \
        that an operation does not have is refused, and so is a condition that it does not evaluate.
        """
}
