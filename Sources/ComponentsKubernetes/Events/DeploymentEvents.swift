public import Components
public import Kubernetes
public import Logging
import Synchronization

/// Reports changes of deployments to a tool's maintainers, by events in the tool's namespace.
///
/// Nothing waits for an event, and nothing depends on one: an event that cannot be stored, or finds no room in the queue,
/// is logged at the level debug. `run()` stores events as they come, and goes on after `finish(within:)` until all are
/// stored or the time is over.
public final class DeploymentEvents: DeploymentObserver {
    /// How many events wait at most; beyond it the newest are dropped.
    static let capacity = 256
    /// How many are stored at a time.
    private static let width = 4
    /// How long storing one may take.
    private static let limit = Duration.seconds(5)

    private struct Entry: Sendable {
        var event: EventObject
        /// The log metadata of the request that caused the event.
        var context: Logger.Metadata
    }

    private let client: KubernetesClient
    private let logger: Logger
    private let clock: any ClusterClock
    private let queue: AsyncStream<Entry>
    private let entrance: AsyncStream<Entry>.Continuation
    /// When the storing must have ended, once an end was asked for.
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    /// Events in that cluster.
    public init(client: KubernetesClient, logger: Logger, clock: any ClusterClock = SystemClock()) {
        self.client = client
        self.logger = logger
        self.clock = clock
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    /// Queues the event of a change, if it has one.
    public func deploymentChanged(_ change: DeploymentChange) {
        guard let event = EventObject(change, now: clock.now()) else { return }
        let entry = Entry(event: event, context: logger.metadataProvider?.get() ?? [:])
        guard case .enqueued = entrance.yield(entry) else {
            logger.debug("event dropped", metadata: Self.metadata(of: entry))
            return
        }
    }

    /// Stores events as they come, a few at a time; returns after `finish(within:)`, or when it is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await entry in queue {
                if running == Self.width {
                    await group.next()
                    running -= 1
                }
                group.addTask { await self.store(entry) }
                running += 1
            }
        }
    }

    /// Accepts no further event, and gives those that wait this much time to be stored.
    public func finish(within duration: Duration) {
        end.withLock { $0 = .now + duration }
        entrance.finish()
    }

    private func store(_ entry: Entry) async {
        let limit = ContinuousClock.now + Self.limit
        let deadline = end.withLock { $0 }.map { min($0, limit) } ?? limit
        do throws(KubernetesError) {
            try await CallDeadline.at(deadline) { () async throws(KubernetesError) in
                let events = client.resources(EventObject.self, namespace: entry.event.metadata.namespace)
                _ = try await events.create(entry.event, isRepeatable: true)
            }
        } catch let error where error.isAlreadyExists {
            // It was stored before: by a repeat, or by another replica.
            return
        } catch {
            var metadata = Self.metadata(of: entry)
            metadata["error"] = "\(error)"
            logger.debug("event not stored", metadata: metadata)
        }
    }

    private static func metadata(of entry: Entry) -> Logger.Metadata {
        var metadata = entry.context
        metadata["event"] = "\(entry.event.metadata.name ?? "")"
        metadata["namespace"] = "\(entry.event.metadata.namespace ?? "")"
        return metadata
    }
}
