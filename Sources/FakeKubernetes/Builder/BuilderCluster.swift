/// What the builder needs of the cluster.
protocol BuilderCluster: Sendable {
    /// The PipelineRuns of a namespace: those that are there now in the order of their creation, then every change.
    ///
    /// A run may be told of more than once. The sequence ends when the cluster stops.
    func pipelineRuns(in namespace: String) async -> AsyncStream<PipelineRunEvent>

    /// The run as it is now, or `nil`.
    func pipelineRun(named name: String, in namespace: String) async -> Value?

    /// Stores metadata and spec of a run, compared by its resourceVersion.
    func store(_ run: Value) async throws(BuilderConflict)

    /// Stores the status of a run, compared by its resourceVersion.
    func storeStatus(of run: Value) async throws(BuilderConflict)
}

/// Something that happened to a PipelineRun.
enum PipelineRunEvent: Sendable {
    /// It is there, new or changed.
    case present(Value)
    /// It was deleted; its last state.
    case deleted(Value)
}

/// Why a write of the builder did not happen.
enum BuilderConflict: Error {
    /// The run is another by now: read it again.
    case modified
    /// The run is not there any more.
    case gone
    /// The cluster takes this write from nobody.
    case refused(String)
}
