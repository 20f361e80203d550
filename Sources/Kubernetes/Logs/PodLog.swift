public import Foundation

/// Which part of a container's log is read.
public struct PodLogQuery: Sendable, Equatable {
    /// The container; may be left out where the pod has only one.
    public var container: String?
    /// Whether to go on until the container ends.
    public var follow: Bool
    /// Only so many lines from the end; 0 or more.
    public var tailLines: Int?
    /// At most so many bytes, 1 or more: the server cuts within a line, and does not say so.
    public var limitBytes: Int?
    /// Only what was written since then, to the second: the server drops the fraction.
    public var since: Date?
    /// Whether each line begins with its time (RFC 3339, nine digits of a second) and a space.
    public var timestamps: Bool

    /// The whole log so far, unless said otherwise.
    public init(
        container: String? = nil, follow: Bool = false, tailLines: Int? = nil, limitBytes: Int? = nil,
        since: Date? = nil, timestamps: Bool = false
    ) {
        self.container = container
        self.follow = follow
        self.tailLines = tailLines
        self.limitBytes = limitBytes
        self.since = since
        self.timestamps = timestamps
    }

    var parameters: [(String, String)] {
        var parameters: [(String, String)] = []
        if let container { parameters.append(("container", container)) }
        if follow { parameters.append(("follow", "true")) }
        if let tailLines { parameters.append(("tailLines", String(tailLines))) }
        if let limitBytes { parameters.append(("limitBytes", String(limitBytes))) }
        if let since { parameters.append(("sinceTime", Timestamp.rfc3339(since, digits: 0))) }
        if timestamps { parameters.append(("timestamps", "true")) }
        return parameters
    }
}

/// The log of a pod's container, piece by piece, as the server sends it: pieces are not lines.
///
/// The server is read as fast as the log is. It is iterated once. Its end says that the server ended its response, which
/// it also does when the node's kubelet dies: a followed log is complete only if the container has ended when it is
/// looked up afterwards. Dropping the log closes its connection.
public struct PodLog: AsyncSequence, Sendable {
    /// A piece of the log, never empty.
    public typealias Element = [UInt8]
    /// A connection that breaks, a silence, a cancellation.
    public typealias Failure = KubernetesError

    let stream: ResponseStream
    let silence: Duration?

    /// The one iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream, silence: silence) }

    /// What a reader learns who does not want to wait without a word.
    public enum Event: Sendable, Equatable {
        /// A piece of the log, never empty.
        case piece([UInt8])
        /// The server sends nothing at the moment.
        case pause
        /// The server has ended its response.
        case end

        init(_ event: StreamEvent) {
            self =
                switch event {
                case .piece(let bytes): .piece(bytes)
                case .pause: .pause
                case .end: .end
                }
        }
    }

    /// Reads the log.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let stream: ResponseStream
        fileprivate let silence: Duration?

        /// The next piece; `nil` at the end.
        public mutating func next() async throws(KubernetesError) -> [UInt8]? {
            do throws(TransportFailure) {
                return try await stream.next(within: silence)
            } catch {
                throw KubernetesError(failure: error, isWrite: false)
            }
        }

        /// What comes next, or a pause, after a silence of that length; the log goes on after it.
        public mutating func next(pausingAfter silence: Duration) async throws(KubernetesError) -> Event {
            do throws(TransportFailure) {
                return Event(try await stream.next(pausingAfter: silence))
            } catch {
                throw KubernetesError(failure: error, isWrite: false)
            }
        }

        /// As `next()`.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesError) -> [UInt8]? { try await next() }
    }
}

/// Why a log cannot be read, where the server says so.
public enum PodLogObstacle: Sendable, Equatable {
    /// The container has not begun: its pod is on no node yet, other containers come first, its image is being pulled.
    case notStarted
    /// The pod has no container of that name, or several and none was named.
    case noSuchContainer
    /// There is no pod of that name: it was removed, or is not made yet.
    case noSuchPod
    /// The pod's node is away, or does not know the pod: its log may come back, or be lost.
    case nodeUnreachable
}

extension KubernetesError {
    /// What keeps the log of that pod from being read; `nil` for any other error.
    ///
    /// The server has no reasons for these cases: they are known by its status and sentences, as recorded of 1.36.
    public func logObstacle(ofPod name: String) -> PodLogObstacle? {
        switch httpStatus {
        case 204: .notStarted
        case 400 where message.contains("is waiting to start"): .notStarted
        case 400
        where message.contains("is not valid for pod") || message.contains("a container name must be specified"):
            .noSuchContainer
        case 404 where status?.details?.kind == "pods" && status?.details?.name == name: .noSuchPod
        // Of a node that is gone it says that a pod of the node's name is not found; of a kubelet that does not know the
        // pod, that there is no such `pods/log`.
        case 404 where status?.details?.kind == "pods" || status?.details?.kind == "pods/log": .nodeUnreachable
        // The kubelet's address cannot be reached: an error without a reason.
        case 500 where status != nil && status?.reason == nil && message.contains("/containerLogs/"): .nodeUnreachable
        default: nil
        }
    }
}

extension KubernetesClient {
    /// Opens the log of a pod's container.
    ///
    /// The deadline of calls holds until the log begins to come; a failed attempt is repeated as a read is.
    /// - Parameters:
    ///   - silence: how long the server may send nothing before the log fails with `timeout`; `nil` = for ever. A
    ///     container that is followed may be silent for long.
    /// - Throws: `KubernetesError`; `logObstacle(ofPod:)` says what it means.
    public func log(
        ofPod name: String, namespace: String, _ query: PodLogQuery = PodLogQuery(), silence: Duration? = nil
    ) async throws(KubernetesError) -> PodLog {
        let builder = RequestBuilder(
            definition: Self.pods, namespace: namespace, fieldManager: options.fieldManager,
            fieldValidation: options.fieldValidation)
        let stream = try await calls.open(try builder.log(name, query.parameters), isRepeated: true)
        guard stream.head.status != 204 else {
            stream.close()
            var error = KubernetesError(.notFound, "the pod is on no node yet, so it has no log")
            error.httpStatus = 204
            throw error
        }
        return PodLog(stream: stream, silence: silence)
    }

    private static let pods = ResourceDefinition(group: "", version: "v1", plural: "pods", kind: "Pod")
}
