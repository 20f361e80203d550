public import JSON

/// Where the one config of each tool is kept.
///
/// A config that is being deleted counts as gone for reads.
public protocol ToolConfigStore: Sendable {
    /// The config as it was given, or `nil` if there is none (or no such tool: see `toolExists`).
    func read(_ tool: ToolName) async throws(ClusterFailure) -> ConfigRecord?

    /// Puts a config in place of the one before, whole or not at all, if the precondition holds at that moment.
    ///
    /// - Throws: `ClusterFailure.terminating` if the stored config is being deleted: nothing that is written would stay.
    ///   `ClusterFailure.timedOut(mayHaveHappened: true)` where it cannot be told whether the config was stored and
    ///   then replaced by another one, or never stored.
    func write(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ClusterFailure) -> ConfigWrite

    /// Removes the config, if there is one and the precondition holds at that moment.
    ///
    /// One that cannot be read as a config is removed too.
    func remove(_ tool: ToolName, if precondition: ConfigPrecondition) async throws(ClusterFailure) -> ConfigRemoval

    /// Whether there is such a tool; called only after something of it was not found.
    func toolExists(_ tool: ToolName) async throws(ClusterFailure) -> Bool

    /// Returns if the store responds and knows the kinds that this service keeps.
    func checkReadiness() async throws(ClusterFailure)
}

/// A config as it is stored.
public struct ConfigRecord: Sendable, Equatable {
    /// The config as it was given.
    public var document: JSONValue
    /// Which state of the tool's config this is: no other state has the same version, not even after a removal.
    public var version: String
    /// Whose it is: one that is imported is shown and deployed, but is not changed here.
    public var origin: ConfigOrigin

    /// A config of that version.
    public init(document: JSONValue, version: String, origin: ConfigOrigin = .stored) {
        self.document = document
        self.version = version
        self.origin = origin
    }

    /// What whoever is shown a config should know of where it comes from: a sentence; `nil` of the tool's own.
    public var note: String? {
        switch origin {
        case .stored, .fetched: nil
        case .imported:
            "This is the tool's config of the Python components-api: it is only read, and counts until the tool stores one here."
        }
    }
}

/// The result of removing a config.
public enum ConfigRemoval: Sendable, Equatable {
    /// It is removed; as it was.
    case removed(ConfigRecord)
    /// There was none.
    case absent
    /// The precondition did not hold, and nothing was removed.
    case refused(FailedPrecondition)
}

/// The result of writing a config.
public enum ConfigWrite: Sendable, Equatable {
    /// It is stored.
    case stored(ConfigRecord)
    /// The precondition did not hold, and nothing was written.
    case refused(FailedPrecondition)
}
