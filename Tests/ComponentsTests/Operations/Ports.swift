import Foundation
import JSON
import Synchronization

@testable import Components

/// One process's view of the world.
final class Ports: ToolConfigStore, DeploymentStore, BuildService, BuildLogs, CommitResolver, ToolBuildsStore,
    ConfigImport,
    ConfigSource, ImageRegistry
{
    let world: World
    let process: Int
    /// Asked before each call: waits, and says what goes wrong.
    let gate: @Sendable (World.Call) async -> World.Fault?
    /// What this request has read, or stored, of each build.
    private let seen = Mutex<[String: BuildStatus]>([:])

    init(
        world: World, process: Int = 0, gate: @escaping @Sendable (World.Call) async -> World.Fault? = { _ in nil }
    ) {
        self.world = world
        self.process = process
        self.gate = gate
    }

    private func ask<Output: Sendable>(
        _ call: World.Call, _ body: @Sendable (isolated World) throws(ClusterFailure) -> Output
    ) async throws(ClusterFailure) -> Output {
        let fault = await gate(call)
        return try await world.perform(call, for: process, fault, body)
    }

    private func saw(_ record: DeploymentRecord?) {
        guard let record else { return }
        seen.withLock { seen in
            for build in record.request.builds { seen[build.id] = record.status.builds[build.component] }
        }
    }

    func open(
        _ build: PlannedBuild, of deployment: DeploymentIdentity, _ query: BuildLogQuery, wait: (any BuildLogWait)?
    ) async throws(ClusterFailure) -> BuildLog {
        let log = try await ask(.log(build.id)) { $0.logs[build.id] }
        return BuildLog { body in
            while let sign = await wait?.next() {
                if case .never(let note) = sign { return try await body(.note(note)) }
                if sign == .begun { break }
                try await body(.pause)
            }
            wait?.end()
            guard let log else { return try await body(.note(.gone(isKept: false))) }
            let lines = log.map { line in
                BuildLogLine(text: query.secrets.hidden(in: Array(line.utf8)[...]))
            }
            try await body(.lines(step: query.isCreated ? "build" : "not created", lines))
        }
    }

    func read(_ tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? {
        try await ask(.readConfig) { $0.config.map { ConfigRecord(document: $0, version: "1") } }
    }

    func write(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ClusterFailure) -> ConfigWrite {
        try await ask(.writeConfig) { (world) throws(ClusterFailure) in
            if let failure = precondition.failure(for: world.config == nil ? nil : "1") { return .refused(failure) }
            guard world.tools.contains(tool.value) else { throw .toolMissing }
            world.config = document
            return .stored(ConfigRecord(document: document, version: "1"))
        }
    }

    func remove(_ tool: ToolName, if precondition: ConfigPrecondition) async throws(ClusterFailure) -> ConfigRemoval {
        try await ask(.writeConfig) { world in
            guard let document = world.config else { return .absent }
            if let failure = precondition.failure(for: "1") { return .refused(failure) }
            world.config = nil
            return .removed(ConfigRecord(document: document, version: "1"))
        }
    }

    func importedConfig(of tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? {
        try await ask(.readImport) { $0.imported.map { ConfigRecord(document: $0, version: "1") } }
    }

    func toolExists(_ tool: ToolName) async throws(ClusterFailure) -> Bool {
        try await ask(.toolExists) { $0.tools.contains(tool.value) }
    }

    func checkReadiness() async throws(ClusterFailure) {}

    func read(_ id: String, of tool: ToolName) async throws(ClusterFailure) -> DeploymentRecord? {
        let record = try await ask(.read(id)) { (world) throws(ClusterFailure) in
            guard !world.unreadable.contains(id) else { throw .unreadable(reason: "spec.builds is not a mapping") }
            return world.records[id]
        }
        saw(record)
        return record
    }

    func list(_ tool: ToolName) async throws(ClusterFailure) -> [DeploymentEntry] {
        try await ask(.list) { world in
            world.records.values.map(\.entry).filter { !world.hidden.contains($0.id) }
        }
    }

    func listRecords(_ tool: ToolName) async throws(ClusterFailure) -> [ListedRecord] {
        try await ask(.records) { world in
            world.records.values.filter { !world.hidden.contains($0.request.identity.id) }.map { record in
                let isUnreadable = world.unreadable.contains(record.request.identity.id)
                return ListedRecord(entry: record.entry, record: isUnreadable ? nil : record)
            }
        }
    }

    func create(_ request: DeploymentRequest) async throws(ClusterFailure) -> DeploymentRecord {
        try await ask(.create) { (world) throws(ClusterFailure) in
            let used = world.countedByQuota()
            guard used < world.quota else {
                throw .full(
                    QuotaRefusal(
                        reason: "\(request.identity.id) is forbidden: exceeded quota",
                        used: ["records": "\(used)"], allowsNone: world.quota == 0))
            }
            // A key gives the same id again once its record is gone; any other id is given once.
            let isFree =
                request.nonce == nil ? world.spend(request.identity.id) : world.records[request.identity.id] == nil
            guard isFree else { throw .exists }
            world.check(request)
            let record = DeploymentRecord(
                request: request, status: DeploymentStatus(),
                createdAt: Date(timeIntervalSince1970: world.time.now.rounded(.down)),
                identity: "uid-\(world.nextVersion())", version: world.nextVersion())
            world.time.advance(by: 0.3)
            world.records[request.identity.id] = record
            world.requestedAt[request.identity.id] = request.requestedAt
            world.storedAt[request.identity.id] = Date(timeIntervalSince1970: world.time.now)
            return record
        }
    }

    func update(_ record: DeploymentRecord, to status: DeploymentStatus) async throws(ClusterFailure)
        -> DeploymentRecord
    {
        let id = record.request.identity.id
        let updated = try await ask(.update(id)) { (world) throws(ClusterFailure) in
            guard var stored = world.records[id], stored.identity == record.identity else { throw .absent }
            guard stored.version == record.version else { throw .conflict }
            world.check(status, after: stored)
            stored.status = status
            stored.version = world.nextVersion()
            world.records[id] = stored
            return stored
        }
        saw(updated)
        return updated
    }

    func remove(_ entry: DeploymentEntry, of tool: ToolName, at version: String?) async throws(ClusterFailure) {
        try await ask(.remove(entry.id)) { (world) throws(ClusterFailure) in
            guard let stored = world.records[entry.id], stored.identity == entry.identity else { return }
            guard version == nil || stored.version == version else { throw .conflict }
            world.records[entry.id] = nil
            world.removals[entry.id, default: 0] += 1
        }
    }

    func observe(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)
        -> BuildObservation?
    {
        try await ask(.observe(build.id)) { world in
            world.runs[build.id]?.observation
        }
    }

    func logTail(
        of build: PlannedBuild, in deployment: DeploymentIdentity, ended observation: BuildObservation?, limit: Int,
        hiding secrets: SecretValues
    ) async -> BuildLogTail? {
        // Whoever cannot ask gets none.
        guard let log = try? await ask(.log(build.id), { $0.logs[build.id] }) else { return nil }
        let lines = log.map { BuildLogLine(text: secrets.hidden(in: Array($0.utf8)[...])) }
        return BuildLogTail(step: "build", exitCode: observation == nil ? nil : 1, endOf: lines, limit: limit)
    }

    func explain(
        _ observation: BuildObservation, of build: PlannedBuild, in deployment: DeploymentIdentity
    ) async -> BuildObservation {
        observation
    }

    func start(_ build: PlannedBuild, of request: DeploymentIdentity) async -> BuildStart {
        let known = seen.withLock { $0[build.id] }
        do {
            return try await ask(.start(build.id)) { world in
                if build.isNeverCreated {
                    world.violations.append("\(build.id) was started though there is nothing to build")
                }
                if known?.start == .created {
                    world.violations.append("\(build.id) was started though noted as created")
                }
                if world.runs[build.id] == nil {
                    world.runs[build.id] = World.Run(
                        deployment: request.id, component: build.component, commit: build.commit)
                    world.creations[build.id, default: 0] += 1
                }
                return .started
            }
        } catch {
            if case .refused(let reason) = error { return .refused(reason: reason) }
            if case .failed(let reason) = error { return .deferred(.clusterRefused, message: reason) }
            return .unconfirmed(reason: "\(error)")
        }
    }

    func cancel(
        _ build: PlannedBuild, of request: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildObservation? {
        try await ask(.cancel(build.id)) { world in
            world.cancel(build.id)
            return world.runs[build.id]?.observation
        }
    }

    func prevent(
        _ build: PlannedBuild, of request: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildObservation? {
        try await ask(.prevent(build.id)) { world in
            guard world.runs[build.id] == nil else {
                world.cancel(build.id)
                return world.runs[build.id]?.observation
            }
            world.prevented.insert(build.id)
            world.runs[build.id] = World.Run(deployment: request.id)
            world.cancel(build.id)
            return nil
        }
    }

    func builder(for options: BuildOptions) -> String { "builder \(options.versions.rawValue)" }

    func digest(of component: String, of tool: ToolName) async -> ImageDigest {
        do {
            return try await ask(.digest(component)) { $0.tags[component].map(ImageDigest.digest) ?? .missing }
        } catch {
            return .unknown("the registry is away")
        }
    }

    func prepare(for tool: ToolName) async -> String? {
        do {
            return try await ask(.prepare) { _ in nil }
        } catch {
            return "the registry is away"
        }
    }

    func readBuilds(of tool: ToolName) async throws(ClusterFailure) -> StoredToolBuilds? {
        try await ask(.readBuilds) { $0.goodBuilds }
    }

    func writeBuilds(
        _ builds: ToolBuilds, over stored: StoredToolBuilds?, of tool: ToolName
    ) async throws(ClusterFailure) {
        try await ask(.writeBuilds) { (world) throws(ClusterFailure) in
            guard world.goodBuilds?.version == stored?.version else { throw stored == nil ? .exists : .conflict }
            world.check(builds)
            world.goodBuilds = StoredToolBuilds(builds: builds, version: world.nextVersion())
        }
    }

    func fetch(_ url: String) async throws(ConfigSourceFailure) -> FetchedConfig {
        let file: JSONValue?
        do throws(ClusterFailure) {
            file = try await ask(.fetch(url)) { $0.files[url] }
        } catch {
            throw ConfigSourceFailure(reason: "the host is away")
        }
        guard let file else { throw ConfigSourceFailure(reason: "there is no such file") }
        return FetchedConfig(document: file, bytes: file.serialized())
    }

    func resolve(_ source: BuildSource) async -> CommitResolution {
        do {
            return try await ask(.resolve(source)) {
                $0.resolutions[source]
                    ?? .commit("commit \($0.commits) of \(source.repository) \(source.ref ?? "HEAD")")
            }
        } catch {
            return .unknown("the host is away")
        }
    }
}
