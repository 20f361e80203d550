import Synchronization

/// What a watch knows of the objects of one kind, for many readers at once.
///
/// It is a view that may be behind the cluster: `state` says whether it is complete and live. It is replaced whole when
/// the watch begins anew, so a reader never sees half a list.
///
/// ```swift
/// let cache = ResourceCache<Int64>()
/// async let following: Void = cache.follow(crontabs.watch { $0.size })
/// for await keys in cache.changes() { … }
/// ```
public final class ResourceCache<Value: Sendable>: Sendable {
    private struct Shared {
        var contents = CacheContents<Value>()
        var subscribers: [Int: Subscriber] = [:]
        var nextID = 0
    }

    private struct Subscriber {
        let key: ObjectKey?
        var changed: Set<ObjectKey> = []
        let signal: AsyncStream<Void>.Continuation
    }

    private let shared = Mutex(Shared())

    /// An empty cache, which is not complete.
    public init() {}

    /// Keeps the cache as the watch says, until the watch ends.
    ///
    /// One task follows one watch. Afterwards the cache keeps what it has and is not live.
    public func follow(_ watch: some AsyncSequence<WatchEvent<Value>, Never> & Sendable) async {
        for await event in watch { apply(event) }
        shared.withLock { $0.contents.disconnected() }
    }

    /// The value of that object; `nil` if there is none, or if it cannot be read.
    public func get(_ key: ObjectKey) -> Value? {
        shared.withLock { try? $0.contents.objects[key]?.get() }
    }

    /// All objects; a failure is one that cannot be read.
    public var all: [ObjectKey: Result<Value, KubernetesError>] { shared.withLock { $0.contents.objects } }

    /// How current the cache is.
    public var state: CacheState { shared.withLock { $0.contents.state } }

    /// The keys that change from now on; with a key, that one alone.
    ///
    /// What changes while a reader is busy is collected: the next set has it all, each key once. A reset counts as a
    /// change of every object that was or is there. It ends when its task is cancelled.
    public func changes(of key: ObjectKey? = nil) -> CacheChanges<Value> {
        let (stream, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = shared.withLock { shared in
            defer { shared.nextID += 1 }
            shared.subscribers[shared.nextID] = Subscriber(key: key, signal: signal)
            return shared.nextID
        }
        signal.onTermination = { [weak self] _ in
            self?.shared.withLock { _ = $0.subscribers.removeValue(forKey: id) }
        }
        return CacheChanges(cache: self, id: id, signals: stream)
    }

    fileprivate func takeChanges(_ id: Int) -> Set<ObjectKey> {
        shared.withLock { shared in
            guard let changed = shared.subscribers[id]?.changed else { return [] }
            shared.subscribers[id]?.changed = []
            return changed
        }
    }

    private func apply(_ event: WatchEvent<Value>) {
        let signals = shared.withLock { shared -> [AsyncStream<Void>.Continuation] in
            let changed = shared.contents.apply(event, now: .now)
            guard !changed.isEmpty else { return [] }
            var signals: [AsyncStream<Void>.Continuation] = []
            for (id, subscriber) in shared.subscribers {
                if let key = subscriber.key {
                    guard changed.contains(key) else { continue }
                    shared.subscribers[id]?.changed = [key]
                } else {
                    shared.subscribers[id]?.changed.formUnion(changed)
                }
                signals.append(subscriber.signal)
            }
            return signals
        }
        for signal in signals { signal.yield() }
    }
}

/// The changes of a cache: sets of keys, each with all that changed since the one before it.
public struct CacheChanges<Value: Sendable>: AsyncSequence, Sendable {
    /// The keys that changed.
    public typealias Element = Set<ObjectKey>
    /// It does not fail.
    public typealias Failure = Never

    fileprivate let cache: ResourceCache<Value>
    fileprivate let id: Int
    fileprivate let signals: AsyncStream<Void>

    /// An iterator; there is one for each call of `changes(of:)`.
    public func makeAsyncIterator() -> Iterator {
        Iterator(cache: cache, id: id, signals: signals.makeAsyncIterator())
    }

    /// Reads the changes.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let cache: ResourceCache<Value>
        fileprivate let id: Int
        fileprivate var signals: AsyncStream<Void>.Iterator

        /// The keys that changed since the last set; waits for the first.
        public mutating func next() async -> Set<ObjectKey>? {
            while await signals.next() != nil {
                let changed = cache.takeChanges(id)
                if !changed.isEmpty { return changed }
            }
            return nil
        }
    }
}

/// How current a cache is: what its watch has told of itself.
public struct CacheState: Sendable {
    /// Whether it has held all objects at some time: before that, an object that is missing may exist.
    public private(set) var isComplete = false
    /// Whether its watch is connected.
    public private(set) var isLive = false
    /// When the watch last heard of the server: an event, a list or a bookmark.
    public private(set) var lastContact: ContinuousClock.Instant?
    /// How often the watch began anew.
    public private(set) var resets = 0
    /// Why the watch is not connected, if it is not.
    public private(set) var failure: KubernetesError?

    /// The state of a cache whose watch has told nothing.
    public init() {}

    /// Notes an event.
    public mutating func note<Value>(_ event: WatchEvent<Value>, now: ContinuousClock.Instant) {
        switch event {
        case .reset:
            isComplete = true
            resets += 1
        case .applied, .deleted:
            break
        case .live:
            isLive = true
            failure = nil
        case .interrupted(let error):
            isLive = false
            failure = error
            return
        }
        lastContact = now
    }

    /// Notes that nobody follows the watch any more.
    public mutating func disconnected() { isLive = false }
}

/// A cache as a value.
struct CacheContents<Value: Sendable>: Sendable {
    private(set) var objects: [ObjectKey: Result<Value, KubernetesError>] = [:]
    private(set) var state = CacheState()

    /// Applies an event; which keys changed.
    mutating func apply(_ event: WatchEvent<Value>, now: ContinuousClock.Instant) -> Set<ObjectKey> {
        state.note(event, now: now)
        switch event {
        case .reset(let all):
            let changed = Set(objects.keys).union(all.keys)
            objects = all
            return changed
        case .applied(let key, let value):
            objects[key] = value
            return [key]
        case .deleted(let key, _):
            objects[key] = nil
            return [key]
        case .live, .interrupted:
            return []
        }
    }

    /// Notes that nobody follows a watch any more.
    mutating func disconnected() { state.disconnected() }
}
