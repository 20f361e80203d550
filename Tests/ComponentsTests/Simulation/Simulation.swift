import Foundation
import JSON
import Logging
import Synchronization
import TestSupport

@testable import Components

/// A few requests to a few processes over one world, in an order, with faults and deaths, that follow from a seed alone.
///
/// Every call to the cluster waits at a gate; the seeded random numbers choose which goes next, and whether it fails before
/// or after it is done. Between calls builds progress, builds-api removes ended ones, a user deletes one, a process dies.
struct Simulation {
    /// What a seed means.
    struct Plan {
        /// How many things go wrong at most: a failed call or the death of a process.
        var faults: Int
        var retained: Int
        var quota: Int
        var components: Int
        var requests: Int
        /// How many keys the users have.
        var keys: Int
        /// How many of the components have nothing to build.
        var missing: Int
    }

    let plan: Plan
    let tool: ToolName
    let executor = SteppedExecutor()
    let gate = CallGate()
    let world = World()
    let answers = Answers()
    var random: SeededRandom
    /// The processes that live; one that dies is replaced by another.
    private var processes = [0, 1, 2]
    /// What each process's watches know.
    private var feeds: [Int: SimulatedFeed] = [:]
    private var deaths = 0
    private var request = 0
    /// Whether a record may have gone for another reason than that newer ones took its place.
    private(set) var hasRemoved = false
    private(set) var faultsDone: [String] = []
    /// What happened, in order.
    private(set) var course: [String] = []

    init?(seed: UInt64) {
        guard let tool = ToolName("demo") else { return nil }
        self.tool = tool
        random = SeededRandom(seed: seed)
        let retained = Int.random(in: 1...3, using: &random)
        plan = Plan(
            faults: Int.random(in: 0...2, using: &random), retained: retained,
            quota: [Int.max, Int.max, retained, 2].randomElement(using: &random) ?? .max,
            components: Int.random(in: 1...3, using: &random), requests: Int.random(in: 3...10, using: &random),
            keys: Int.random(in: 0...2, using: &random),
            missing: [0, 0, 1].randomElement(using: &random) ?? 0)
        let components = (0..<plan.components).map { "c\($0)" }
        configure { [plan] world in
            world.config = ServiceFixture.config(components)
            for component in components.prefix(plan.missing) {
                let source = BuildSource(repository: "https://example.org/\(component).git", ref: nil)
                world.resolutions[source] = .missing(BuildFailure(.repositoryNotFound, message: "no repository"))
            }
            world.quota = plan.quota
        }
    }

    /// Runs it to its end; what must never happen and did.
    mutating func run() -> [String] {
        for _ in 0..<400 where request < plan.requests || gate.count > 0 { step() }
        executor.drain()
        while gate.count > 0 { letThrough(mayFail: false) }
        return checks()
    }

    private mutating func step() {
        executor.drain()
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<12 where request < plan.requests: beginRequest()
        case 12..<20: changeABuild()
        case 20..<22 where faultsDone.count < plan.faults: die()
        case 22..<26: lookByWatch()
        case 26..<28: letTimePass()
        case 28..<30: push()
        default:
            if gate.count > 0 {
                letThrough(mayFail: true)
            } else {
                beginRequest()
            }
        }
    }

    func configure(_ change: @escaping @Sendable (isolated World) -> Void) {
        _ = executor.finish { [world] in await world.configure(change) }
    }

    func look<Output: Sendable>(_ read: @escaping @Sendable (isolated World) -> Output) -> Output? {
        executor.finish { [world] in await world.look(read) }
    }

    // MARK: - What happens

    private mutating func beginRequest() {
        guard request < plan.requests else { return }
        request += 1
        let process = anyProcess()
        course.append("\(process) is asked")
        let service = service(of: process)
        let ids = (look { Array($0.records.keys) } ?? []).sorted()
        let (tool, answers, world, known) = (tool, answers, world, answers.known)
        guard let id = ids.randomElement(using: &random), Int.random(in: 0..<10, using: &random) > 3 else {
            let order = anyOrder()
            course.append("to deploy \(order)")
            executor.begin {
                guard let started = try? await service.deploy(tool, order) else { return }
                await answers.note(started, by: process, after: known, in: world)
            }
            return
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            executor.begin {
                guard let deployment = try? await service.deployment(id, of: tool) else { return }
                await answers.note(deployment, by: process, after: known, in: world)
            }
        case 4..<6:
            course.append("to cancel \(id)")
            executor.begin {
                guard let deployment = try? await service.cancelDeployment(id, of: tool) else { return }
                await answers.noteCancellation(deployment, by: process, after: known, in: world)
            }
        case 6:
            course.append("to remove \(id)")
            hasRemoved = true
            executor.begin { _ = try? await service.removeDeployment(id, of: tool) }
        default:
            course.append("to drive \(id)")
            let engine = engine(of: process)
            executor.begin { _ = await engine.drive(DeploymentIdentity(id: id, tool: tool)) }
        }
    }

    /// A watch tells a process what there is now: others go on with what they were told before.
    private mutating func lookByWatch() {
        let process = anyProcess()
        let known = look { ($0.records, $0.runs) }
        feed(of: process).set(known?.0 ?? [:], known?.1 ?? [:])
        course.append("\(process)'s watch looks")
    }

    /// Somebody pushes to the repositories: their refs name other commits.
    private mutating func push() {
        configure { $0.commits += 1 }
        course.append("somebody pushes")
    }

    /// Long enough for an engine to care about a record without a status; now and then, beyond a deadline.
    private mutating func letTimePass() {
        // No call to the cluster takes that long: a creation that was decided before a deadline arrives soon after it.
        let isLong = Int.random(in: 0..<20, using: &random) == 0 && gate.count == 0
        let seconds = isLong ? 3_700.0 : 16
        world.time.advance(by: seconds)
        course.append("\(seconds) s pass")
    }

    mutating func feed(of process: Int) -> SimulatedFeed {
        let feed = feeds[process] ?? SimulatedFeed()
        feeds[process] = feed
        return feed
    }

    /// An engine of a process, over what its watches know.
    mutating func engine(of process: Int) -> DeploymentEngine {
        let ports = Ports(world: world, process: process) { [gate] call in await gate.pass(call, of: process) }
        return DeploymentEngine(
            deployments: ports, builds: ports, goodBuilds: ports, feed: feed(of: process),
            clock: SkewedClock(of: world.time, &random),
            logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// With a key, or with what is to happen to deployments that overlap, or neither.
    private mutating func anyOrder() -> DeploymentOrder {
        if let key = anyKey() { return DeploymentOrder(key: key) }
        let overlaps: [DeploymentOptions.Overlap] = [.allow, .allow, .reject, .supersede]
        let overlap = overlaps.randomElement(using: &random) ?? .allow
        // One that is rejected takes its record back.
        if overlap == .reject { hasRemoved = true }
        // A part of them, now and then.
        let one = "c\(Int.random(in: 0..<plan.components, using: &random))"
        let part = Int.random(in: 0..<3, using: &random) == 0 ? [one] : nil
        return DeploymentOrder(
            options: DeploymentOptions(
                overlap: overlap, forceBuild: Int.random(in: 0..<8, using: &random) == 0,
                skipUnchanged: Bool.random(using: &random), components: part))
    }

    /// Every other deploy has one, if there are any.
    private mutating func anyKey() -> IdempotencyKey? {
        guard plan.keys > 0, Bool.random(using: &random) else { return nil }
        return IdempotencyKey("k\(Int.random(in: 0..<plan.keys, using: &random))")
    }

    mutating func anyProcess() -> Int { processes[Int.random(in: 0..<processes.count, using: &random)] }

    private mutating func replace(_ process: Int) {
        processes.removeAll { $0 == process }
        processes.append(deaths + 3)
        deaths += 1
    }

    /// A service with random numbers of its own, few enough that ids collide now and then, and a clock that may be far off
    /// or jump.
    mutating func service(of process: Int) -> ComponentsService {
        let clock = SkewedClock(of: world.time, &random)
        let random = Mutex(SeededRandom(seed: random.next()))
        let ports = Ports(world: world, process: process) { [gate] call in
            await gate.pass(call, of: process)
        }
        return ComponentsService(
            configs: ports, deployments: ports, builds: ports, goodBuilds: ports, logs: ports, commits: ports,
            registry: ports, maximumRetained: plan.retained,
            clock: clock,
            randomness: Randomness(
                number: { random.withLock { .random(in: 0..<50, using: &$0) } },
                nonce: { random.withLock { $0.next() } }),
            logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    mutating func letThrough(mayFail: Bool) {
        let waiting = gate.take(Int.random(in: 0..<gate.count, using: &random))
        var fault: World.Fault?
        // What only reads is asked often and matters little.
        let odds = waiting.call.isWrite ? 15 : 60
        if mayFail, faultsDone.count < plan.faults, Int.random(in: 0..<odds, using: &random) == 0 {
            let choices = Self.faults(of: waiting.call)
            let choice = choices[Int.random(in: choices.indices, using: &random)]
            faultsDone.append("\(waiting.call) of \(waiting.process): \(choice)")
            if case .dieBefore = choice { replace(waiting.process) }
            if case .dieAfter = choice { replace(waiting.process) }
            fault = choice
        }
        course.append("\(waiting.process) \(waiting.call.text)\(fault.map { " \($0)" } ?? "")")
        waiting.continuation.resume(returning: fault)
        executor.drain()
    }

    /// How a call can fail once the client has done what it can.
    private static func faults(of call: World.Call) -> [World.Fault] {
        let away = ClusterFailure.unavailable(reason: "away", retryAfter: nil)
        let late = ClusterFailure.timedOut(mayHaveHappened: true)
        let common: [World.Fault] = [.before(away), .dieBefore, .dieAfter]
        let missing = World.Fault.meanwhile(
            { $0.hasRefusedGoodBuilds = true }, then: .failed(reason: "no right"))
        return switch call {
        case .readConfig, .readImport, .toolExists, .list, .records, .read, .observe, .log, .resolve, .fetch,
            .writeConfig:
            common
        case .digest, .prepare: common
        case .readBuilds: common + [missing]
        case .writeBuilds: common + [.after(late), .before(.conflict), .after(.conflict), missing]
        case .create:
            common + [.after(late), .after(away), .before(.conflict), .before(.full(QuotaRefusal(reason: "full")))]
        case .start: common + [.after(late), .before(.refused(reason: "denied")), .before(.failed(reason: "no right"))]
        // A repeat after a lost answer meets its own change.
        case .update, .remove: common + [.after(late), .before(.conflict), .after(.conflict)]
        case .cancel, .prevent: common + [.after(late)]
        }
    }

    private mutating func die() {
        let process = anyProcess()
        faultsDone.append("process \(process) dies")
        course.append("\(process) dies")
        _ = executor.finish { [world] in await world.kill(process) }
        replace(process)
    }

    private mutating func changeABuild() {
        let builds = (look { Array($0.runs.keys) } ?? []).sorted()
        guard let build = builds.randomElement(using: &random) else { return }
        let roll = Int.random(in: 0..<20, using: &random)
        course.append("build \(build) changes by \(roll)")
        configure { world in
            guard let run = world.runs[build] else { return }
            switch (run.phase, roll) {
            // Somebody deletes it, or builds-api cleans up.
            case (_, 0): world.delete(build)
            case (let phase, _) where phase.isTerminal: world.delete(build)
            case (.pending, _): world.runs[build]?.phase = .running
            default: if roll < 14 { world.succeed(build) } else { world.runs[build]?.phase = .failed }
            }
        }
    }
}

extension World {
    /// As somebody else does it.
    fileprivate func delete(_ build: String) {
        runs[build] = nil
        deletedByOthers.insert(build)
    }
}

extension World.Call {
    fileprivate var isWrite: Bool {
        switch self {
        case .writeConfig, .create, .update, .remove, .start, .cancel, .prevent, .writeBuilds, .prepare: true
        case .readConfig, .readImport, .toolExists, .list, .records, .read, .observe, .log, .resolve, .fetch,
            .readBuilds,
            .digest:
            false
        }
    }
}
