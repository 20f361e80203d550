import Components

extension ToolName {
    /// The namespace that a tool owns on Toolforge.
    var namespace: String { "tool-\(value)" }

    /// The name of the tool's only `ToolConfig`.
    var configName: String { "\(value)-config" }
}
