import Components
import OpenAPI

/// What this service offers: its families of paths.
///
/// One more family is one more folder and one more line here.
struct API {
    let operations: any ComponentsOperations
    let tokens: any DeployTokenOperations
    /// The number of a tool's deployments that are kept.
    let maximumRetained: Int
    /// What happens to deployments that overlap, where the request does not say.
    var overlap = DeploymentOptions.Overlap.allow
    /// The same, for the family of the field's clients.
    var fieldOverlap = DeploymentOptions.Overlap.reject
    /// Whether builds of what has not changed are left out, where the request does not say.
    var skipsUnchanged = false
    let metrics: @Sendable () -> MetricsDocument

    /// Every endpoint.
    ///
    /// - Parameter documents: what is answered where a family serves the documents.
    func table(documents: Documents) throws(EndpointTableError) -> EndpointTable {
        try EndpointTable([
            NativeAPI(
                handlers: NativeHandlers(
                    operations: operations, overlap: overlap, skipsUnchanged: skipsUnchanged),
                maximumRetained: maximumRetained
            ).family,
            FieldAPI(
                handlers: FieldHandlers(
                    operations: operations, overlap: fieldOverlap, skipsUnchanged: skipsUnchanged),
                tokens: FieldTokenHandlers(tokens: tokens), maximumRetained: maximumRetained
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
