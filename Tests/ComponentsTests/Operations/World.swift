import Foundation
import JSON

@testable import Components

/// A cluster in memory: one store and one builder behind the three ports, with a journal, faults, and processes that die.
actor World {
    enum Call: Hashable, CustomStringConvertible {
        case readConfig, readImport, writeConfig, toolExists, list, records, create
        case read(String), update(String), remove(String)
        case observe(String), start(String), cancel(String), prevent(String), log(String)
        case resolve(BuildSource)
        case readBuilds, writeBuilds
        case digest(String), prepare
        case fetch(String)

        var description: String {
            switch self {
            case .readConfig: "readConfig"
            case .readImport: "readImport"
            case .writeConfig: "writeConfig"
            case .toolExists: "toolExists"
            case .list: "list"
            case .records: "records"
            case .create: "create"
            case .read: "read"
            case .update: "update"
            case .remove: "remove"
            case .observe: "observe"
            case .start: "start"
            case .cancel: "cancel"
            case .prevent: "prevent"
            case .log: "log"
            case .resolve: "resolve"
            case .readBuilds: "readBuilds"
            case .writeBuilds: "writeBuilds"
            case .digest: "digest"
            case .prepare: "prepare"
            case .fetch: "fetch"
            }
        }

        /// With the name of what it is about.
        var text: String {
            switch self {
            case .readConfig, .readImport, .writeConfig, .toolExists, .list, .records, .create, .readBuilds,
                .writeBuilds,
                .prepare:
                description
            case .read(let name), .update(let name), .remove(let name), .observe(let name), .start(let name),
                .digest(let name), .cancel(let name), .prevent(let name), .log(let name):
                "\(description) \(name)"
            case .resolve(let source): "\(description) \(source.repository) \(source.ref ?? "HEAD")"
            case .fetch(let url): "\(description) \(url)"
            }
        }
    }

    enum Fault {
        case before(ClusterFailure)
        case after(ClusterFailure)
        /// The process dies: nothing it does from here on happens.
        case dieBefore, dieAfter
        /// Something else happens first.
        case meanwhile(@Sendable (isolated World) -> Void, then: ClusterFailure)
    }

    struct Run: Equatable {
        var phase = BuildPhase.pending
        var message = ""
        var endedAt: Date?
        var deployment: String
        var component = ""
        /// What is built, if it was looked up.
        var commit: String?
        var isCancelled = false
        var startedAt: Date?
        var image: String?

        var observation: BuildObservation {
            BuildObservation(
                phase: phase, message: message, startedAt: startedAt, endedAt: endedAt, isEnding: isCancelled,
                image: image, builder: phase.isTerminal ? "builder current" : nil)
        }
    }

    var tools: Set<String> = ["demo"]
    /// What looking up a source comes to; by default some commit.
    var resolutions: [BuildSource: CommitResolution] = [:]
    var config: JSONValue?
    /// The config in the place from which configs are imported.
    var imported: JSONValue?
    /// What is found at URLs.
    var files: [String: JSONValue] = [:]
    /// The lines of builds' logs, by the names of the builds.
    var logs: [String: [String]] = [:]
    var records: [String: DeploymentRecord] = [:]
    /// The digests that the tags of components name in the registry.
    var tags: [String: String] = [:]
    /// What each build that pushed an image was of, and from which commit.
    var pushed: [String: (component: String, commit: String?)] = [:]
    /// How often somebody has pushed to the repositories.
    var commits = 0
    /// The newest good builds; `nil` before the first.
    var goodBuilds: StoredToolBuilds?
    /// Whether the good builds were once not taken for a reason that does not pass.
    var hasRefusedGoodBuilds = false
    var runs: [String: Run] = [:]
    /// How often each build was really created.
    var creations: [String: Int] = [:]
    /// Builds whose name was taken before they were created.
    var prevented: Set<String> = []
    /// Builds that an outsider deleted: their names were free again.
    var deletedByOthers: Set<String> = []
    /// When each record that there ever was was asked for.
    var requestedAt: [String: Date] = [:]
    /// When each was stored.
    var storedAt: [String: Date] = [:]
    /// What lists do not show yet.
    var hidden: Set<String> = []
    /// Records that an outsider made unreadable.
    var unreadable: Set<String> = []
    /// How often a record of each id was removed.
    var removals: [String: Int] = [:]
    /// What must never happen, and did.
    var violations: [String] = []
    var journal: [Call] = []
    var quota = Int.max
    /// How many creations a quota lets pass by before it has counted a removal.
    var quotaLag = 0
    private var quotaCounts: (records: Int, asked: Int) = (0, 0)
    let time = WorldTime()
    private var version = 0
    private(set) var deadProcesses: Set<Int> = []
    private var spentIDs: Set<String> = []
    /// What goes wrong, asked with each call and its index in the journal.
    var fault: @Sendable (Call, Int) -> Fault? = { _, _ in nil }

    func configure(_ change: @Sendable (isolated World) -> Void) { change(self) }

    func look<Output: Sendable>(_ read: @Sendable (isolated World) -> Output) -> Output { read(self) }

    /// How many records the quota believes there are: it sees a new one at once, and a removal late.
    func countedByQuota() -> Int {
        if records.count >= quotaCounts.records || quotaCounts.asked >= quotaLag {
            quotaCounts = (records.count, 0)
        } else {
            quotaCounts.asked += 1
        }
        return quotaCounts.records
    }

    func kill(_ process: Int) { deadProcesses.insert(process) }

    /// Whether no deployment has ever had that id; it has one now.
    func spend(_ id: String) -> Bool { spentIDs.insert(id).inserted }

    /// Does a call for a process: with its fault, if one is due, and not at all if the process has died.
    func perform<Output: Sendable>(
        _ call: Call, for process: Int, _ injected: Fault?,
        _ body: @Sendable (isolated World) throws(ClusterFailure) -> Output
    ) throws(ClusterFailure) -> Output {
        guard !deadProcesses.contains(process) else { throw .timedOut(mayHaveHappened: true) }
        let index = journal.count
        journal.append(call)
        switch injected ?? fault(call, index) {
        case nil:
            return try body(self)
        case .before(let error):
            throw error
        case .meanwhile(let change, let error):
            change(self)
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

    /// Notes what a new status takes back of the one before.
    func check(_ status: DeploymentStatus, after record: DeploymentRecord) {
        for build in record.request.builds
        where record.status[build].phase != .succeeded && status[build].phase == .succeeded && build.taken == nil {
            let noted = goodBuilds?.builds.components[build.component]
            let isThere = noted.map { $0.build == build.id || record.request.isOlder(than: $0) } ?? false
            if !isThere, !hasRefusedGoodBuilds {
                violations.append("\(build.id) ended well and is not among the newest good builds")
            }
        }
        if let stop = record.status.stop, status.stop != stop {
            violations.append("\(record.request.identity.id) is not stopped any more")
        }
        if record.phase.isTerminal, status != record.status {
            violations.append("\(record.request.identity.id) left its end")
        }
        for build in record.request.builds {
            guard let old = record.status.builds[build.component] else { continue }
            let new = status[build]
            if old.phase.isTerminal, new != old { violations.append("\(build.id) left its end: \(old), \(new)") }
            if old.phase == .running, new.phase == .pending { violations.append("\(build.id) waits again") }
            // A build of a deployment that stops may end without having run.
            if old.start == .created, new.start != .created, !new.phase.isTerminal {
                violations.append("\(build.id) is unknown again")
            }
        }
    }

    /// A build ends well, and its image is pushed.
    func succeed(_ build: String) {
        guard let run = runs[build] else { return }
        runs[build]?.phase = .succeeded
        runs[build]?.image = "registry/\(run.component)@\(Self.digest(of: build))"
        tags[run.component] = Self.digest(of: build)
        pushed[build] = (run.component, run.commit)
    }

    /// The digest of the image of a build.
    static func digest(of build: String) -> String { "sha256:\(build)" }

    /// Notes what is taken in place of builds and may not be.
    func check(_ request: DeploymentRequest) {
        for build in request.builds {
            guard let taken = build.taken else { continue }
            guard let image = pushed[taken.build], image.component == build.component else {
                violations.append("\(build.id) takes \(taken.build), which has no image of \(build.component)")
                continue
            }
            if build.commit == nil || image.commit != build.commit {
                violations.append("\(build.id) takes \(taken.build) of another commit")
            }
            if !taken.image.hasSuffix(Self.digest(of: taken.build)) {
                violations.append("\(build.id) takes another image than that of \(taken.build)")
            }
            if !request.options.maySkip { violations.append("\(build.id) is left out though nobody asked for that") }
        }
    }

    /// Notes what new good builds take back of those before.
    func check(_ builds: ToolBuilds) {
        for (component, old) in goodBuilds?.builds.components ?? [:] {
            guard let new = builds.components[component] else {
                violations.append("\(component) has no good build any more")
                continue
            }
            if new.isOlder(than: old) { violations.append("\(component) went back to \(new.build)") }
        }
    }

    func cancel(_ build: String) {
        guard let run = runs[build], !run.phase.isTerminal else { return }
        runs[build]?.isCancelled = true
        runs[build]?.phase = .cancelled
    }

    func nextVersion() -> String {
        version += 1
        return String(version)
    }
}

extension DeploymentRequest {
    /// Whether it was asked for before the deployment of that build.
    fileprivate func isOlder(than build: GoodBuild) -> Bool {
        let own = DeploymentEntry(id: identity.id, requestedAt: requestedAt, identity: "")
        return own.isOlder(
            than: DeploymentEntry(id: build.deployment, requestedAt: build.requestedAt, identity: ""))
    }
}
