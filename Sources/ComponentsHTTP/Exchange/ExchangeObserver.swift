/// Is notified of every exchange, for metrics.
///
/// It is called while the client waits, so it must be fast.
public protocol ExchangeObserver: Sendable {
    /// A whole request has arrived.
    func exchangeBegan()
    /// It may wait, or be streamed, from now on: its duration says nothing about the service.
    func exchangeWaits()
    /// Its response is ready; if it is a stream, it has ended. Every exchange that began ends once.
    func exchangeEnded(_ exchange: ObservedExchange)
}

/// One exchange, described by values of bounded number, which can label a metric.
public struct ObservedExchange: Sendable, Equatable {
    /// The method, or `other` for an uncommon one.
    public let method: String
    /// The template of the path, or `none` for an unknown path.
    public let route: String
    /// The status of the response.
    public let status: Int
    /// The time from the whole request to the response, or to the end of a stream.
    public let duration: Duration
    /// Whether it might wait (`exchangeWaits`).
    public let hasWaited: Bool
}

/// The metrics of this process in the text format of the collector.
public struct MetricsDocument: Sendable {
    /// The text.
    public var bytes: [UInt8]
    /// Its `Content-Type`.
    public var mediaType: String

    /// A text of that type.
    public init(_ bytes: [UInt8], mediaType: String) {
        self.bytes = bytes
        self.mediaType = mediaType
    }
}
