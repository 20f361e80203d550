import Foundation
import JSON
import Logging
import Synchronization
import Testing

@testable import Components

/// A clock that a test sets; it moves by a millisecond whenever it is read, and never waits.
final class ManualClock: ClusterClock {
    private let time = Mutex(1_795_342_500.0)

    func now() -> Date {
        time.withLock {
            $0 += 0.001
            return Date(timeIntervalSince1970: $0)
        }
    }

    func advance(by seconds: Double) { time.withLock { $0 += seconds } }

    func sleep(for duration: Duration) async {}
}

/// A service over a world, with a clock of the test and random numbers that count up.
struct ServiceFixture {
    let world = World()
    let clock = ManualClock()
    let tool: ToolName

    init(components: [String] = ["api", "web"]) async throws {
        tool = try #require(ToolName("demo"))
        let document = Self.config(components)
        await world.configure { $0.config = document }
    }

    static func config(_ components: [String]) -> JSONValue {
        let entries = components.map { name -> (String, JSONValue) in
            (name, ["build": ["repository": .string("https://example.org/\(name).git")]])
        }
        return ["components": .object(JSONObject(entries))]
    }

    /// A process of this service; each number is one that can die alone.
    ///
    /// - Parameters:
    ///   - resolves: whether it looks up commits.
    ///   - asksRegistry: whether it knows an image registry.
    ///   - imports: whether it reads configs of another implementation.
    ///   - gate: as in `Ports`.
    func service(
        process: Int = 0, retained: Int = 10, resolves: Bool = false, asksRegistry: Bool = false, imports: Bool = false,
        observers: [any DeploymentObserver] = [],
        changes: any DeploymentChanges = NoDeploymentChanges(), clock: (any ClusterClock)? = nil,
        gate: @escaping @Sendable (World.Call) async -> World.Fault? = { _ in nil }
    ) -> ComponentsService {
        let ports = Ports(world: world, process: process, gate: gate)
        let numbers = Mutex(UInt32(process) * 1_000)
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        return ComponentsService(
            configs: ports, deployments: ports, builds: ports, goodBuilds: ports, logs: ports,
            imports: imports ? ports : nil, source: ports,
            commits: resolves ? ports : nil,
            registry: asksRegistry ? ports : nil,
            maximumRetained: retained, clock: clock ?? self.clock,
            randomness: Randomness(number: {
                numbers.withLock {
                    $0 += 1
                    return $0
                }
            }),
            changes: changes, observers: observers, logger: logger)
    }
}

extension ComponentsService {
    /// Deploys with a key and nothing else.
    func deploy(_ tool: ToolName, key: IdempotencyKey?) async throws(ComponentsError) -> StartedDeployment {
        try await deploy(tool, DeploymentOrder(key: key))
    }
}
