public import JSON

/// Where the one config of each tool is kept.
public protocol ToolConfigStore: Sendable {
    /// The config as it was given, or `nil` if there is none (or no such tool: see `toolExists`).
    func read(_ tool: ToolName) async throws(StoreError) -> JSONValue?

    /// Puts a config in place of the one before, whole or not at all, and returns what is stored now.
    func write(_ document: JSONValue, for tool: ToolName) async throws(StoreError) -> JSONValue

    /// Whether there is such a tool; asked only when something of it was not found.
    func toolExists(_ tool: ToolName) async throws(StoreError) -> Bool

    /// Returns if the store answers and knows the kinds this service keeps.
    func checkReadiness() async throws(StoreError)
}
