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
    private var deaths = 0
    private var request = 0
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
            keys: Int.random(in: 0...2, using: &random))
        let components = (0..<plan.components).map { "c\($0)" }
        configure { [plan] world in
            world.config = ServiceFixture.config(components)
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
        if !ids.isEmpty, Bool.random(using: &random) {
            let id = ids[Int.random(in: ids.indices, using: &random)]
            executor.begin {
                guard let deployment = try? await service.deployment(id, of: tool) else { return }
                await answers.note(deployment, by: process, after: known, in: world)
            }
        } else {
            let key = anyKey()
            if let key { course.append("with the key \(key.value)") }
            executor.begin {
                guard let started = try? await service.deploy(tool, key: key) else { return }
                await answers.note(started, by: process, after: known, in: world)
            }
        }
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
            configs: ports, deployments: ports, builds: ports, maximumRetained: plan.retained,
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
        return switch call {
        case .readConfig, .toolExists, .list, .records, .read, .observe, .writeConfig: common
        case .create:
            common + [.after(late), .after(away), .before(.conflict), .before(.full(QuotaRefusal(reason: "full")))]
        case .start: common + [.after(late), .before(.refused(reason: "denied"))]
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
            default: world.runs[build]?.phase = roll < 14 ? .succeeded : .failed
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
        case .writeConfig, .create, .update, .remove, .start, .cancel, .prevent: true
        case .readConfig, .toolExists, .list, .records, .read, .observe: false
        }
    }
}
