import Foundation

/// The response to a watch: lines of JSON, until its time is over.
struct Watch: Sendable {
    /// What has happened already.
    let past: [[UInt8]]
    private let version: Int64
    /// What happens.
    let events: AsyncStream<WatchEvent>
    fileprivate let end: AsyncStream<WatchEvent>.Continuation
    private let timeout: Duration
    private let filter: WatchFilter

    fileprivate init(
        past: [[UInt8]], version: Int64, events: AsyncStream<WatchEvent>, end: AsyncStream<WatchEvent>.Continuation,
        timeout: Duration,
        filter: WatchFilter
    ) {
        self.past = past
        self.version = version
        self.events = events
        self.end = end
        self.timeout = timeout
        self.filter = filter
    }

    /// Passes on every line as it comes; bookmarks come each minute and two seconds before the end, if they are wanted.
    func forEachLine(_ body: ([UInt8]) async throws -> Void) async throws {
        enum Input: Sendable {
            case event(WatchEvent)
            case bookmark(isPeriodic: Bool)
        }
        let (inputs, feed) = AsyncStream.makeStream(of: Input.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (events, timeout, end) = (events, timeout, end)
            group.addTask {
                for await event in events { feed.yield(.event(event)) }
                feed.finish()
            }
            group.addTask {
                // `timeoutSeconds` of the request: a watch ends then by itself.
                try? await Task.sleep(for: timeout)
                end.finish()
            }
            if filter.hasBookmarks {
                group.addTask {
                    var left = timeout
                    while left > Self.timeOfLastBookmark, !Task.isCancelled {
                        let pause = min(Self.bookmarkInterval, left - Self.timeOfLastBookmark)
                        // When the real server sends them.
                        try? await Task.sleep(for: pause)
                        left -= pause
                        feed.yield(.bookmark(isPeriodic: pause == Self.bookmarkInterval))
                    }
                }
            }
            defer { group.cancelAll() }
            var version = self.version
            for line in past { try await body(line) }
            for await input in inputs {
                switch input {
                case .event(let event):
                    version = max(version, event.object.resourceVersion)
                    if let line = filter.line(event) { try await body(line) }
                case .bookmark(let isPeriodic):
                    // A short watch in which nothing happens gets none.
                    if isPeriodic || version > filter.since { try await body(filter.bookmark(version)) }
                }
            }
        }
    }

    private static let bookmarkInterval = Duration.seconds(60)
    /// How long before the end the last one comes.
    private static let timeOfLastBookmark = Duration.seconds(2)
}

/// Which events a watch shows, and how.
struct WatchFilter: Sendable {
    let operation: Operation
    let selection: ObjectSelection
    let presentation: Presentation
    /// Older events are not shown; a version of the future keeps a watch silent until it is reached.
    var since: Int64 = 0

    func line(_ event: WatchEvent) -> [UInt8]? {
        guard event.resource == operation.resource, event.object.resourceVersion > since else { return nil }
        let value = event.object.value
        if let name = operation.call.path.name, value.name != name { return nil }
        if let namespace = operation.call.path.namespace, value.namespace != namespace { return nil }
        guard let (change, object) = event.selected(by: selection) else { return nil }
        return line(change.rawValue, presentation.value(object))
    }

    var hasBookmarks: Bool { operation.call.query.isSet("allowWatchBookmarks") }

    /// The version up to which the watch has sent everything, for a client that wants to resume from there.
    func bookmark(_ version: Int64) -> [UInt8] {
        line(
            "BOOKMARK",
            [
                "apiVersion": .string(operation.definition.apiVersion(operation.version)),
                "kind": .string(operation.definition.kind), "metadata": ["resourceVersion": .string(String(version))],
            ])
    }

    func line(_ type: String, _ object: Value) -> [UInt8] {
        let event: Value = ["type": .string(type), "object": object]
        return event.serialized() + [UInt8(ascii: "\n")]
    }
}

extension ClusterState {
    /// Starts a watch: with all there is, or with what has happened since a version.
    mutating func watch(_ operation: Operation) throws(StatusError) -> APIResponse {
        let query = operation.call.query
        var filter = WatchFilter(
            operation: operation, selection: try ObjectSelection(operation),
            presentation: Presentation(operation: operation))
        let since = try Self.version(toWatchFrom: query)
        let wantsInitialEvents = query["sendInitialEvents"] == "true"
        if wantsInitialEvents { try Self.checkMatch(query) }
        let (events, continuation) = AsyncStream.makeStream(of: WatchEvent.self)
        var past: [[UInt8]] = []
        if wantsInitialEvents, query.isSet("allowWatchBookmarks") {
            // A streaming list: refused as the recorded server did, whose storage cannot say how far a watch is.
            past.append(filter.line("ERROR", StatusError.streamingListsAreOff.value))
            continuation.finish()
        } else if since == 0 || wantsInitialEvents {
            for (_, object) in table(operation.resource).objects(
                in: operation.definition.isNamespaced ? operation.call.path.namespace : "")
            {
                let event = WatchEvent(change: .added, resource: operation.resource, object: object, old: nil)
                if let line = filter.line(event) { past.append(line) }
            }
        } else if since < oldestVersion {
            let error = StatusError.expired("too old resource version: \(since) (\(oldestVersion))")
            past.append(filter.line("ERROR", error.value))
            continuation.finish()
        } else {
            filter.since = since
            past = history.compactMap { filter.line($0) }
        }
        subscribe(continuation)
        var response = APIResponse(status: 200, body: [])
        response.stream = .watch(
            Watch(
                past: past, version: resourceVersion, events: events, end: continuation,
                timeout: .seconds(query["timeoutSeconds"].flatMap { Int($0) } ?? 1_800), filter: filter))
        return response
    }

    private static func version(toWatchFrom query: QueryItems) throws(StatusError) -> Int64 {
        guard let text = query["resourceVersion"], !text.isEmpty else { return 0 }
        guard let version = Int64(text), version >= 0 else {
            throw .unexpected(
                "resourceVersion: Invalid value: \(text.goQuoted): strconv.ParseUint: parsing \(text.goQuoted): "
                    + "invalid syntax")
        }
        return version
    }

    private static func checkMatch(_ query: QueryItems) throws(StatusError) {
        guard query["resourceVersionMatch"] != "NotOlderThan" else { return }
        throw .invalid(
            GroupResource(group: "meta.k8s.io", resource: "ListOptions"), "",
            [
                FieldError(
                    .forbidden, at: "resourceVersionMatch",
                    detail: "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
            ])
    }
}

extension StatusError {
    fileprivate static let streamingListsAreOff = StatusError(
        code: 500, reason: "InternalError",
        message: "a watch stream was requested by the client but the required storage feature RequestWatchProgress is "
            + "disabled")
}
