/// How much the server takes, and for how long it waits.
public struct FastCGILimits: Sendable, Equatable {
    /// The most bytes of a request's body; a longer one is `BodyFault.tooLarge`.
    public var maximumBodyLength = 262_144
    /// The most bytes of one request in all, before the connection is closed without a response.
    ///
    /// Between this and `maximumBodyLength` the body is read and dropped, so that the client gets a response.
    public var maximumInputLength = 4_194_304
    /// The most bytes of all parameters of one request together; more closes the connection.
    public var maximumParameterLength = 73_728
    /// The most parameters of one request; more closes the connection.
    public var maximumParameterCount = 256
    /// How many exchanges may be in flight before the next ones are marked `isOverloaded`; waits and streams do not count.
    public var maximumInFlight = 1_024
    /// How many connections may be open at all; further ones are closed when they are accepted.
    public var maximumConnections = 4_096
    /// How long a peer may take for one whole request, from when the connection is accepted or its first byte comes.
    public var readTimeout = Duration.seconds(10)
    /// How long a peer may take none of a response's bytes.
    public var writeTimeout = Duration.seconds(10)
    /// How long a peer may take for a whole response that is no stream.
    public var totalWriteTimeout = Duration.seconds(60)
    /// How long a stream may go on without a byte that the peer takes; there is no limit on its whole time.
    ///
    /// Longer than nginx's `send_timeout` (60 s, if it is not set): when nginx itself gives up a client that takes nothing,
    /// it breaks off the response; when it finds its connection to the server closed, it may take the response for complete.
    public var streamIdleTimeout = Duration.seconds(75)
    /// How long, after a graceful stop, a new connection that has not sent a byte is given to begin.
    public var stopGrace = Duration.milliseconds(500)
    /// How many connections the system queues before they are accepted.
    public var backlog: Int32 = 4_096

    /// The defaults above.
    public init() {}

    var records: RecordGuard.Limits {
        RecordGuard.Limits(
            parameterBytes: maximumParameterLength, parameterCount: maximumParameterCount,
            bodyBytes: maximumBodyLength, inputBytes: maximumInputLength)
    }

    /// How often the deadlines of all connections are checked.
    var sweepInterval: Duration {
        let shortest = min(readTimeout, writeTimeout, totalWriteTimeout, streamIdleTimeout)
        return max(.milliseconds(10), min(.seconds(1), shortest / 10))
    }
}
