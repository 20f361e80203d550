import JSON

/// Checks a config and stores it as given.
struct StoreConfig: Sendable {
    /// How often the conditions are checked again when the tool's first config was stored or removed meanwhile.
    private static let attempts = 3

    let configs: any ToolConfigStore
    let lookup: ConfigLookup
    let fetch: FetchConfig

    /// See `ComponentsOperations.store(config:for:if:)`.
    func callAsFunction(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> StoredConfig {
        let warnings = try await warnings(of: document)
        let write = try await asking(about: .config(of: tool), try await write(document, for: tool, if: precondition))
        switch write {
        case .stored(let record):
            return StoredConfig(record: record, warnings: warnings)
        case .refused(let failure):
            if failure == .missing { try await configs.requireTool(tool) }
            throw .preconditionFailed(tool, failure)
        }
    }

    /// See `ComponentsOperations.check(config:for:if:)`.
    func check(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> [String] {
        let warnings = try await warnings(of: document)
        let current = try await asking(about: .config(of: tool), try await lookup(tool))
        if current == nil { try await configs.requireTool(tool) }
        if let failure = precondition.failure(for: current?.version) { throw .preconditionFailed(tool, failure) }
        return warnings
    }

    /// Checks a config, and what it leads to: only what can be deployed now is stored.
    private func warnings(of document: JSONValue) async throws(ComponentsError) -> [String] {
        let reader = ConfigReader(document)
        guard let config = reader.config else {
            throw .configInvalid(reader.problems, warnings: reader.warnings)
        }
        guard let url = config.source else { return reader.warnings }
        return reader.warnings + (try await fetch.fetch(url).remarks).map { "At \(url): \($0)" }
    }

    /// Writes the config if the precondition holds of the one that counts.
    ///
    /// What is imported counts like one that is stored: whoever read it may send its version back. The tool's first own config
    /// then takes its place, which no other write can come between; a change of what is imported can.
    private func write(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ClusterFailure) -> ConfigWrite {
        guard lookup.imports != nil, precondition != .none else {
            return try await configs.write(document, for: tool, if: precondition)
        }
        for _ in 0..<Self.attempts {
            guard try await !isStored(tool), let imported = try await lookup.imported(tool) else {
                return try await configs.write(document, for: tool, if: precondition)
            }
            if let failure = precondition.failure(for: imported.version) { return .refused(failure) }
            let write = try await configs.write(document, for: tool, if: ConfigPrecondition(noneMatch: .any))
            if case .stored = write { return write }
        }
        throw .conflict
    }

    /// Whether the tool has a config here, readable or not.
    private func isStored(_ tool: ToolName) async throws(ClusterFailure) -> Bool {
        do {
            return try await configs.read(tool) != nil
        } catch .unreadable {
            return true
        }
    }
}
