import Foundation
import JSON

@testable import Components

/// A cluster in memory: one store and one builder behind the three ports, with a journal, faults, and processes that die.
actor World {
    enum Call: Hashable, CustomStringConvertible {
        case readConfig, writeConfig, toolExists, list, create
        case read(String), update(String), remove(String)
        case observe(String), start(String), cancel(String)

        var description: String {
            switch self {
            case .readConfig: "readConfig"
            case .writeConfig: "writeConfig"
            case .toolExists: "toolExists"
            case .list: "list"
            case .create: "create"
            case .read: "read"
            case .update: "update"
            case .remove: "remove"
            case .observe: "observe"
            case .start: "start"
            case .cancel: "cancel"
            }
        }
    }

    enum Fault {
        case before(StoreError)
        case after(StoreError)
        /// The process dies: nothing it does from here on happens.
        case dieBefore, dieAfter
    }

    struct Run: Equatable {
        var phase = BuildPhase.pending
        var message = ""
        var deployment: String
        var isCancelled = false
    }

    var tools: Set<String> = ["demo"]
    var config: JSONValue?
    var records: [String: DeploymentRecord] = [:]
    var runs: [String: Run] = [:]
    /// How often each build was really created.
    var creations: [String: Int] = [:]
    var journal: [Call] = []
    var quota = Int.max
    var second = 1_000.0
    private var version = 0
    private var deadProcesses: Set<Int> = []
    /// What goes wrong, asked with each call and its index in the journal.
    var fault: @Sendable (Call, Int) -> Fault? = { _, _ in nil }

    func configure(_ change: @Sendable (isolated World) -> Void) { change(self) }

    /// Does a call for a process: with its fault, if one is due, and not at all if the process has died.
    func perform<Output: Sendable>(
        _ call: Call, for process: Int, _ body: @Sendable (isolated World) throws(StoreError) -> Output
    ) throws(StoreError) -> Output {
        guard !deadProcesses.contains(process) else { throw .timedOut(mayHaveHappened: true) }
        let index = journal.count
        journal.append(call)
        switch fault(call, index) {
        case nil:
            return try body(self)
        case .before(let error):
            throw error
        case .after(let error):
            _ = try body(self)
            throw error
        case .dieBefore:
            deadProcesses.insert(process)
            throw .timedOut(mayHaveHappened: true)
        case .dieAfter:
            deadProcesses.insert(process)
            _ = try body(self)
            throw .timedOut(mayHaveHappened: true)
        }
    }

    func nextVersion() -> String {
        version += 1
        return String(version)
    }
}

/// One process's view of the world.
struct Ports: ToolConfigStore, DeploymentStore, BuildService {
    let world: World
    var process = 0

    func read(_ tool: ToolName) async throws(StoreError) -> JSONValue? {
        try await world.perform(.readConfig, for: process) { $0.config }
    }

    func write(_ document: JSONValue, for tool: ToolName) async throws(StoreError) -> JSONValue {
        try await world.perform(.writeConfig, for: process) { (world) throws(StoreError) in
            guard world.tools.contains(tool.value) else { throw .toolMissing }
            world.config = document
            return document
        }
    }

    func toolExists(_ tool: ToolName) async throws(StoreError) -> Bool {
        try await world.perform(.toolExists, for: process) { $0.tools.contains(tool.value) }
    }

    func checkReadiness() async throws(StoreError) {}

    func read(_ id: String, of tool: ToolName) async throws(StoreError) -> DeploymentRecord? {
        try await world.perform(.read(id), for: process) { $0.records[id] }
    }

    func list(_ tool: ToolName) async throws(StoreError) -> [DeploymentEntry] {
        try await world.perform(.list, for: process) { $0.records.values.map(\.entry) }
    }

    func create(_ request: DeploymentRequest) async throws(StoreError) -> DeploymentRecord {
        try await world.perform(.create, for: process) { (world) throws(StoreError) in
            guard world.records.count < world.quota else { throw .full(reason: "exceeded quota") }
            guard world.records[request.identity.id] == nil else { throw .exists }
            let record = DeploymentRecord(
                request: request, status: DeploymentStatus(),
                createdAt: Date(timeIntervalSince1970: world.second.rounded(.down)),
                identity: "uid-\(world.nextVersion())", version: world.nextVersion())
            world.second += 0.3
            world.records[request.identity.id] = record
            return record
        }
    }

    func update(_ record: DeploymentRecord, to status: DeploymentStatus) async throws(StoreError) -> DeploymentRecord {
        let id = record.request.identity.id
        return try await world.perform(.update(id), for: process) { (world) throws(StoreError) in
            guard var stored = world.records[id], stored.identity == record.identity else { throw .absent }
            guard stored.version == record.version else { throw .conflict }
            stored.status = status
            stored.version = world.nextVersion()
            world.records[id] = stored
            return stored
        }
    }

    func remove(_ entry: DeploymentEntry, of tool: ToolName, at version: String?) async throws(StoreError) {
        try await world.perform(.remove(entry.id), for: process) { (world) throws(StoreError) in
            guard let stored = world.records[entry.id], stored.identity == entry.identity else { return }
            guard version == nil || stored.version == version else { throw .conflict }
            world.records[entry.id] = nil
        }
    }

    func observe(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(StoreError) -> BuildObservation? {
        try await world.perform(.observe(build.id), for: process) { world in
            world.runs[build.id].map { BuildObservation(phase: $0.phase, message: $0.message) }
        }
    }

    func start(_ build: PlannedBuild, of request: DeploymentIdentity) async -> BuildStart {
        do {
            return try await world.perform(.start(build.id), for: process) { world in
                if world.runs[build.id] == nil {
                    world.runs[build.id] = World.Run(deployment: request.id)
                    world.creations[build.id, default: 0] += 1
                }
                return .started
            }
        } catch {
            if case .refused(let reason) = error { return .refused(reason: reason) }
            return .unconfirmed(reason: "\(error)")
        }
    }

    func cancel(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(StoreError) {
        try await world.perform(.cancel(build.id), for: process) { world in
            guard let run = world.runs[build.id], !run.phase.isTerminal else { return }
            world.runs[build.id]?.isCancelled = true
            world.runs[build.id]?.phase = .cancelled
        }
    }
}
