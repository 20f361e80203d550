/// Learns of every exchange, for metrics.
///
/// It is called on the path of each request: what takes time belongs elsewhere.
public protocol ExchangeObserver: Sendable {
    /// A request arrived, whole.
    func exchangeBegan()
    /// Its answer is ready; each exchange that began ends once.
    func exchangeEnded(_ exchange: ObservedExchange)
}

/// One exchange, in words of bounded number: they can label a metric.
public struct ObservedExchange: Sendable, Equatable {
    /// The method, or `other` if it is none that HTTP services commonly know.
    public let method: String
    /// The path with names in place of what varies, or `none` if nothing is there.
    public let route: String
    /// The status of the answer.
    public let status: Int
    /// From the whole request to the answer.
    public let duration: Duration
}

/// The figures of this process in the text format of whoever collects them.
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
