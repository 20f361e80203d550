import JSON

/// The objects of one kind and their changes, for as long as they are read.
///
/// It begins with a list (`reset`), goes on with what changes, and does not end by itself: whatever happens to the
/// connection, it tries again, and begins with a new list where changes may have been missed (`WatchMachine` has the
/// rules). It reads as fast as it is read, and keeps of each object only what the projection returns.
///
/// Each iterator is a watch of its own. It ends, and its connection closes, when its task is cancelled or it is dropped.
public struct Watch<Value: Sendable>: AsyncSequence, Sendable {
    /// What a watch tells.
    public typealias Element = WatchEvent<Value>
    /// It does not fail.
    public typealias Failure = Never

    /// How long an open watch may be silent.
    ///
    /// A server sends a bookmark about every minute, give or take a quarter.
    private static var silence: Duration { .seconds(90) }

    private let calls: CallExecutor
    private let builder: RequestBuilder
    private let check: ResponseCheck
    private let query: ListQuery
    private let machine: WatchMachine<Value>
    private let silence: Duration

    init(
        client: KubernetesClient, builder: RequestBuilder, check: ResponseCheck, query: ListQuery, silence: Duration?,
        projection: @escaping WatchMachine<Value>.Projection
    ) {
        calls = client.calls
        self.builder = builder
        self.check = check
        self.query = query
        self.silence = silence ?? Self.silence
        machine = WatchMachine(
            query: query, check: check, maximumLineLength: client.options.maximumResponseSize, projection: projection)
    }

    /// A new watch, which has not begun.
    public func makeAsyncIterator() -> Iterator { Iterator(watch: self, machine: machine) }

    /// One run of a watch.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let watch: Watch
        fileprivate var machine: WatchMachine<Value>
        fileprivate var stream: ResponseStream?
        private var random = SystemRandomNumberGenerator()

        fileprivate init(watch: Watch, machine: WatchMachine<Value>) {
            self.watch = watch
            self.machine = machine
        }

        /// The next event; `nil` once the task is cancelled.
        public mutating func next() async -> WatchEvent<Value>? {
            while !Task.isCancelled {
                if let event = machine.pop() { return event }
                await step()
            }
            stream = nil
            return nil
        }

        /// Does what the machine says, and tells it what came of it.
        private mutating func step() async {
            let action = machine.next(using: &random)
            if action != .read { stream = nil }
            do throws(KubernetesError) {
                switch action {
                case .list(let query):
                    let response = try await watch.calls.call(try watch.builder.list(query, metadataOnly: false))
                    machine.listed(try watch.check.list(response, metadataOnly: false))
                case .watch(let version, let seconds):
                    let request = try watch.builder.watch(watch.query, from: version, seconds: seconds)
                    stream = try await watch.calls.open(request, isRepeated: false)
                    machine.opened(now: .now)
                case .read:
                    if let piece = try await watch.read(stream) {
                        machine.received(piece)
                    } else {
                        machine.ended(now: .now)
                    }
                case .wait(let duration):
                    // The machine's backoff; cut short by a cancellation, which `next()` sees.
                    try? await Task.sleep(for: duration, clock: .continuous)
                }
            } catch {
                if error.code != .cancelled { machine.failed(error) }
            }
        }
    }

    private func read(_ stream: ResponseStream?) async throws(KubernetesError) -> [UInt8]? {
        do throws(TransportFailure) {
            return try await stream?.next(within: silence)
        } catch {
            throw KubernetesError(failure: error, isWrite: false)
        }
    }
}

extension ResourceClient {
    /// The objects and their changes, from now on.
    ///
    /// Without a namespace it spans all of them.
    /// - Parameters:
    ///   - labelSelector: as in kubectl; an object that no longer matches is told as deleted.
    ///   - fieldSelector: as in kubectl; likewise.
    ///   - pageSize: how many objects the server sends at a time in a list.
    ///   - projection: what is kept of an object; it may throw to mark an object as unreadable, which harms no other.
    public func watch<Value: Sendable>(
        labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500,
        projection: @escaping @Sendable (Resource) throws(KubernetesError) -> Value
    ) -> Watch<Value> {
        watch(
            ListQuery(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize), silence: nil,
            projection)
    }

    /// `silence`: for tests.
    func watch<Value: Sendable>(
        _ query: ListQuery, silence: Duration?,
        _ projection: @escaping @Sendable (Resource) throws(KubernetesError) -> Value
    ) -> Watch<Value> {
        Watch(client: client, builder: builder, check: check, query: query, silence: silence) { json in
            do throws(KubernetesError) {
                return .success(try projection(try Resource(json: json)))
            } catch {
                return .failure(error)
            }
        }
    }
}
