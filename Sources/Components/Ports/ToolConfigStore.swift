public import JSON

/// Where the one config of each tool is kept.
public protocol ToolConfigStore: Sendable {
    /// The config as it was given, or `nil` if there is none (or no such tool: see `toolExists`).
    func read(_ tool: ToolName) async throws(StoreError) -> ConfigRecord?

    /// Puts a config in place of the one before, whole or not at all, if the precondition holds at that moment.
    ///
    /// - Throws: `StoreError.timedOut(mayHaveHappened: true)` where it cannot be told whether the config was stored and
    ///   then replaced by another one, or never stored.
    func write(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(StoreError) -> ConfigWrite

    /// Whether there is such a tool; asked only when something of it was not found.
    func toolExists(_ tool: ToolName) async throws(StoreError) -> Bool

    /// Returns if the store answers and knows the kinds this service keeps.
    func checkReadiness() async throws(StoreError)
}

/// A config as it is stored.
public struct ConfigRecord: Sendable, Equatable {
    /// The config as it was given.
    public var document: JSONValue
    /// Which state of the tool's config this is: no other state ever has the same, not even after a removal.
    public var version: String

    /// A config of that version.
    public init(document: JSONValue, version: String) {
        self.document = document
        self.version = version
    }
}

/// What came of writing a config.
public enum ConfigWrite: Sendable, Equatable {
    /// It is stored.
    case stored(ConfigRecord)
    /// The precondition did not hold, and nothing was written.
    case refused(FailedPrecondition)
}
