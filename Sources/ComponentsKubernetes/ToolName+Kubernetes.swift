import Components

extension ToolName {
    private static let namespacePrefix = "tool-"

    /// The tool that owns a namespace; `nil` for any other namespace.
    init?(namespace: String) {
        guard namespace.hasPrefix(Self.namespacePrefix) else { return nil }
        self.init(String(namespace.dropFirst(Self.namespacePrefix.count)))
    }

    /// The namespace that a tool owns on Toolforge.
    var namespace: String { "\(Self.namespacePrefix)\(value)" }

    /// The name of the tool's only `ToolConfig`.
    var configName: String { "\(value)-config" }

    /// The name of the tool's only `ToolBuilds`.
    var buildsName: String { "\(value)-builds" }

    /// The name of the tool's only `DeployToken`.
    var deployTokenName: String { "\(value)-deploy-token" }
}
