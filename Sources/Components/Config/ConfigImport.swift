/// Where the configs of the implementation are kept that tools come from: they are read, and never written.
public protocol ConfigImport: Sendable {
    /// The config that the tool has there, or `nil` if there is none (or no such tool, or nothing of that implementation).
    ///
    /// The version tells the states of that config apart, but need not differ from those of this service's own configs.
    func importedConfig(of tool: ToolName) async throws(ClusterFailure) -> ConfigRecord?
}

/// Finds the config that counts for a tool: its own, else the one that is imported.
struct ConfigLookup: Sendable {
    let stored: any ToolConfigStore
    /// `nil`: nothing is imported.
    let imports: (any ConfigImport)?

    /// The config that counts, or `nil` if there is none.
    ///
    /// Another place is asked only where the tool has none here.
    func callAsFunction(_ tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? {
        if let own = try await stored.read(tool) { return own }
        return try await imported(tool)
    }

    /// The config that counts while the tool has none here.
    func imported(_ tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? {
        guard let imports, var record = try await imports.importedConfig(of: tool) else { return nil }
        record.origin = .imported
        // Two places may give the same version to different configs.
        record.version = "imported-\(record.version)"
        return record
    }
}
