import Foundation

/// What a watch answers with: lines of JSON, until its time is over.
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

    /// Hands on every line as it comes.
    func forEachLine(_ body: ([UInt8]) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (timeout, end) = (timeout, end)
            group.addTask {
                // `timeoutSeconds` of the request: a watch ends then by itself.
                try? await Task.sleep(for: timeout)
                end.finish()
            }
            defer { group.cancelAll() }
            var version = self.version
            for line in past { try await body(line) }
            for await event in events {
                version = event.object.resourceVersion
                if let line = filter.line(event) { try await body(line) }
            }
            if let line = filter.bookmark(version) { try await body(line) }
        }
    }
}

/// Which events a watch shows, and how.
struct WatchFilter: Sendable {
    let operation: Operation
    let selection: ObjectSelection
    let presentation: Presentation

    func line(_ event: WatchEvent) -> [UInt8]? {
        guard event.resource == operation.resource else { return nil }
        let value = event.object.value
        if let name = operation.call.path.name, value.name != name { return nil }
        if let namespace = operation.call.path.namespace, value.namespace != namespace { return nil }
        guard let (change, object) = event.selected(by: selection) else { return nil }
        return line(change.rawValue, presentation.value(object))
    }

    /// The version up to which the watch has told everything, for a client that wants to go on from there.
    ///
    /// - Parameter endsInitialEvents: Whether it says that all there was has been told.
    func bookmark(_ version: Int64, endsInitialEvents: Bool = false) -> [UInt8]? {
        guard operation.call.query.isSet("allowWatchBookmarks") else { return nil }
        var metadata: Value = ["resourceVersion": .string(String(version))]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        return line(
            "BOOKMARK",
            [
                "apiVersion": .string(operation.definition.apiVersion(operation.version)),
                "kind": .string(operation.definition.kind), "metadata": metadata,
            ])
    }

    func line(_ type: String, _ object: Value) -> [UInt8] {
        let event: Value = ["type": .string(type), "object": object]
        return event.serialized() + [UInt8(ascii: "\n")]
    }
}

extension ClusterState {
    /// Starts a watch: with all there is, or with what has happened since a version.
    mutating func watch(_ operation: Operation) throws(StatusError) -> APIAnswer {
        let query = operation.call.query
        let filter = WatchFilter(
            operation: operation, selection: try ObjectSelection(operation),
            presentation: try Presentation(operation))
        let timeout = Duration.seconds(query["timeoutSeconds"].flatMap { Int($0) } ?? 1_800)
        let (events, continuation) = AsyncStream.makeStream(of: WatchEvent.self)
        var past: [[UInt8]] = []
        let since = query["resourceVersion"].flatMap { Int64($0) } ?? 0
        let wantsInitialEvents = query["sendInitialEvents"] == "true"
        if since == 0 || wantsInitialEvents {
            for (_, object) in table(operation.resource).objects(
                in: operation.definition.isNamespaced ? operation.call.path.namespace : "")
            {
                let event = WatchEvent(change: .added, resource: operation.resource, object: object, old: nil)
                if let line = filter.line(event) { past.append(line) }
            }
            if wantsInitialEvents, let line = filter.bookmark(resourceVersion, endsInitialEvents: true) {
                past.append(line)
            }
        } else if since < oldestVersion {
            let expired = StatusError(
                code: 410, reason: "Expired", message: "too old resource version: \(since) (\(oldestVersion))")
            past.append(filter.line("ERROR", expired.value))
            continuation.finish()
        } else {
            past = history.filter { $0.object.resourceVersion > since }.compactMap { filter.line($0) }
        }
        subscribe(continuation)
        var answer = APIAnswer(status: 200, body: [])
        answer.watch = Watch(
            past: past, version: resourceVersion, events: events, end: continuation, timeout: timeout, filter: filter)
        return answer
    }
}
