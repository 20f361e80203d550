/// Says what a deployment would do if it were started now: reads and looks up, but changes nothing.
struct PlanDeployment: Sendable {
    let store: any DeploymentStore
    let drafting: DraftDeployment
    let maximumRetained: Int

    /// See `ComponentsOperations.planDeployment`.
    func callAsFunction(
        _ tool: ToolName, _ order: DeploymentOrder
    ) async throws(ComponentsError) -> DeploymentPlan {
        async let reading = result(of: try await drafting.basis(order.options, of: tool))
        async let listing = result(of: try await store.listRecords(tool))
        async let knowing = drafting.newestGoodBuilds(of: tool)
        let (basis, listed, known) = (await reading, await listing, await knowing)
        let stored = try await asking(about: .deployments(of: tool), try listed.get())
        let draft = try await drafting.draft(
            order.options,
            from: try await asking(about: drafting.subject(order.options, of: tool), try basis.get()), of: tool)
        let resolved = await drafting.resolve(
            draft, order.options, of: tool, known: known, records: stored.compactMap(\.record))

        let retention = Retention(stored.map(\.entry))
        let byID = Dictionary(stored.map { ($0.entry.id, $0.record) }) { first, _ in first }
        let records = retention.newestFirst.compactMap { byID[$0.id] ?? nil }
        let keyed = order.key.map { DeploymentNames.deployment(of: tool, key: $0) }
        let goodBuilds = (try? known.get()) ?? ToolBuilds()
        return DeploymentPlan(
            components: resolved.components.map {
                PlannedComponent($0, of: resolved, goodBuilds: goodBuilds, after: records)
            },
            overlap: order.options.overlap,
            overlapping: records.filter { !$0.phase.isTerminal }.map(\.request.identity.id),
            removed: retention.surplus(keeping: maximumRetained - 1).map(\.id),
            replayed: keyed.flatMap { byID[$0] == nil ? nil : $0 }, warnings: resolved.warnings,
            fetched: resolved.fetch.map { FetchedPlanConfig(document: resolved.document, fetch: $0) })
    }
}
