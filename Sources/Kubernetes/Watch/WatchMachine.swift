import JSON

/// The life of a watch: a list, page by page, then the changes from its version on, and what to do when either fails.
///
/// A value without network, clock or randomness of its own. `next(random:)` says what to do; what came of it is told by
/// one of the other functions; events come out in `pop()`.
///
/// Rules, by the API's documentation ("Efficient detection of changes") and by observation of API servers:
/// - A version that is no longer kept (410, as a status or in an ERROR event of a 200) leads to a new list.
/// - Any other failure leads to the same watch again, from the newest version seen, after a backoff. After three
///   refusals in a row without an event between them there is a new list: the version itself may be the reason.
/// - A server that ends a response properly has reached `timeoutSeconds`, or stops. That is no failure, unless the
///   watch had just begun and brought nothing: then there is a backoff.
/// - A watch that brings nothing at all, no bookmark either, until it is given up, leads to a new list: a server
///   sends nothing for a version of the future (after a restore of its storage).
struct WatchMachine<Value: Sendable>: Sendable {
    /// What to do next.
    enum Action: Sendable, Equatable {
        /// Ask for a page: `listed`, or `failed`.
        case list(ListQuery)
        /// Open a watch: `opened`, or `failed`.
        case watch(from: String, seconds: Int)
        /// Read from the open watch: `received`, `ended` or `failed`.
        case read
        /// Wait, then ask again.
        case wait(Duration)
    }

    /// Reads an object: its key, and what is kept of it.
    typealias Projection = @Sendable (JSONValue) -> Result<Value, KubernetesError>

    private enum State: Sendable {
        /// Nothing is known, or what is known may have gaps: `pages` has the list so far.
        case listing
        /// Everything is known up to a version: a watch is to be opened from there.
        case listed(version: String)
        /// A watch is open, and everything is known up to a version: `lines` has what came behind it.
        case watching(version: String, since: ContinuousClock.Instant, hasBroughtAnything: Bool)
    }

    /// A response of a watch ends after a random time, so that the watches of many processes do not end together.
    static var seconds: ClosedRange<Int> { 300...600 }
    private static var maximumRefusals: Int { 3 }
    private static var firstDelay: Duration { .milliseconds(250) }
    private static var longestDelay: Duration { .seconds(5) }
    /// A response that ends sooner and brings nothing is a failure.
    private static var shortestWatch: Duration { .seconds(1) }

    private let query: ListQuery
    private let check: ResponseCheck
    private let maximumLineLength: Int
    private let projection: Projection
    private var state = State.listing
    // Apart from the state, so that they are changed in place.
    private var pages: PagedList<(ObjectKey, Result<Value, KubernetesError>)>
    private var lines: LineBuffer
    private var events: [WatchEvent<Value>] = []
    /// Failures since the last progress.
    private var failures = 0
    /// Refusals by the server since the last progress.
    private var refusals = 0
    /// What the server asked to wait after the last failure, beside the backoff, until `next` has said so.
    private var pause: Duration?

    /// A watch that has not begun.
    init(query: ListQuery, check: ResponseCheck, maximumLineLength: Int, projection: @escaping Projection) {
        self.query = query
        self.check = check
        self.maximumLineLength = maximumLineLength
        self.projection = projection
        pages = PagedList(query: query)
        lines = LineBuffer(limit: maximumLineLength)
    }

    // MARK: - What comes out

    /// The next event, in order.
    mutating func pop() -> WatchEvent<Value>? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// What to do now.
    mutating func next(using random: inout some RandomNumberGenerator) -> Action {
        if let pause {
            self.pause = nil
            let mean = min(Self.firstDelay * (1 << min(max(failures - 1, 0), 10)), Self.longestDelay)
            return .wait(pause + mean * Double.random(in: RetrySchedule.jitters, using: &random))
        }
        switch state {
        case .listing: return .list(pages.next ?? query)
        case .listed(let version): return .watch(from: version, seconds: .random(in: Self.seconds, using: &random))
        case .watching: return .read
        }
    }

    // MARK: - What goes in

    /// A page of the list came.
    mutating func listed(_ page: ListPage) {
        guard case .listing = state else { return }
        pages.add(page.items.map(read), continueToken: page.continueToken)
        guard pages.next == nil else { return }
        guard let version = page.resourceVersion, !version.isEmpty else {
            failed(KubernetesError(.invalidResponse, "the list has no resourceVersion, so it cannot be watched"))
            return
        }
        state = .listed(version: version)
        events.append(.reset(Dictionary(pages.items) { $1 }))
        pages = PagedList(query: query)
    }

    /// The watch was opened.
    mutating func opened(now: ContinuousClock.Instant) {
        guard case .listed(let version) = state else { return }
        state = .watching(version: version, since: now, hasBroughtAnything: false)
        lines = LineBuffer(limit: maximumLineLength)
        events.append(.live)
    }

    /// A piece of the watch's body came: any number of lines and parts of lines.
    mutating func received(_ piece: [UInt8]) {
        guard case .watching = state else { return }
        lines.append(piece)
        while case .watching = state {
            let line: [UInt8]?
            do throws(LineBuffer.TooLong) {
                line = try lines.next()
            } catch {
                failed(.responseTooLarge, "an event of the watch is longer than \(maximumLineLength) bytes")
                return
            }
            guard let line else { return }
            if !line.isEmpty { read(line: line) }
        }
    }

    /// The server ended the watch's body properly.
    mutating func ended(now: ContinuousClock.Instant) {
        guard case .watching(let version, let since, let hasBroughtAnything) = state else { return }
        guard !lines.hasRest else {
            failed(.connection, "the watch ended within an event")
            return
        }
        guard hasBroughtAnything || since.duration(to: now) >= Self.shortestWatch else {
            failed(.connection, "the server ended the watch at once")
            return
        }
        state = .listed(version: version)
        (failures, refusals) = (0, 0)
    }

    /// A list, the opening of a watch, or its body failed.
    mutating func failed(_ error: KubernetesError) {
        events.append(.interrupted(error))
        let isRefused = error.httpStatus != nil || error.code == .invalidResponse || error.code == .responseTooLarge
        // A 410 is normal operation: only its repetition is slowed down.
        let isImmediate = error.isGone && failures == 0
        failures += 1
        if isRefused { refusals += 1 }
        switch state {
        case .listing:
            do throws(KubernetesError) {
                try pages.failed(error)
                return
            } catch {
                listAgain()
            }
        case .listed:
            if error.isGone || refusals >= Self.maximumRefusals { listAgain() }
        case .watching(let version, _, let hasBroughtAnything):
            state = .listed(version: version)
            let isMute = error.code == .timeout && error.httpStatus == nil && !hasBroughtAnything
            // An event that is too long comes again with the same version.
            let isStuck = error.isGone || isMute || error.code == .responseTooLarge
            if isStuck || refusals >= Self.maximumRefusals { listAgain() }
        }
        if !isImmediate { pause = error.retryAfter ?? .zero }
    }

    private mutating func failed(_ code: KubernetesError.Code, _ message: String) {
        failed(KubernetesError(code, message))
    }

    // MARK: - Parts

    private mutating func listAgain() {
        state = .listing
        pages = PagedList(query: query)
        refusals = 0
    }

    private func read(_ object: JSONValue) -> (ObjectKey, Result<Value, KubernetesError>) {
        let metadata = object["metadata"]
        let key = ObjectKey(
            namespace: metadata?["namespace"]?.stringValue, name: metadata?["name"]?.stringValue ?? "")
        return (key, projection(object))
    }

    /// One event of the server: `{"type": …, "object": …}`.
    private mutating func read(line: [UInt8]) {
        let event: (type: String, object: JSONValue)
        do throws(KubernetesError) {
            event = try Self.event(line, check)
        } catch {
            failed(error)
            return
        }
        if event.type == "ERROR" {
            let status = Status(json: event.object)
            failed(KubernetesError(status: status, httpStatus: status?.code ?? 500))
            return
        }
        guard case .watching(_, let since, _) = state else { return }
        state = .watching(
            version: event.object["metadata"]?["resourceVersion"]?.stringValue ?? "", since: since,
            hasBroughtAnything: true)
        (failures, refusals) = (0, 0)
        switch event.type {
        case "BOOKMARK":
            events.append(.live)
        case "DELETED":
            let (key, value) = read(event.object)
            events.append(.deleted(key, value))
        default:
            let (key, value) = read(event.object)
            events.append(.applied(key, value))
        }
    }

    private static func event(
        _ line: [UInt8], _ check: ResponseCheck
    ) throws(KubernetesError) -> (type: String, object: JSONValue) {
        let json = try check.parse(line)
        guard let type = json["type"]?.stringValue, let object = json["object"],
            ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"].contains(type)
        else {
            throw KubernetesError(.invalidResponse, "a line of the watch is not an event")
        }
        guard type != "ERROR" else { return (type, object) }
        guard object["metadata"]?["resourceVersion"]?.stringValue?.isEmpty == false else {
            throw KubernetesError(.invalidResponse, "an event of the watch has no resourceVersion")
        }
        // A bookmark is an object of the kind without a name.
        return (type, type == "BOOKMARK" ? object : try check.object(object, named: nil))
    }
}
