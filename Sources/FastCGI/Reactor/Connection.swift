/// The reactor's book about one connection; it belongs to the reactor's thread.
final class Connection {
    enum Phase: Equatable {
        /// Between two requests.
        case idle
        /// Before the end of a request.
        case reading
        /// A task has the request.
        case serving
        /// The peer has not taken all of its answer; since when.
        case writing(since: ContinuousClock.Instant)
    }

    let channel: Channel
    var records: RecordGuard
    var phase = Phase.reading
    /// When the patience with the peer ends; none while a task serves it.
    var deadline: ContinuousClock.Instant?
    /// The task that serves it, until it is known to be over.
    var task: Task<Void, Never>?
    /// What came behind the request that is being served.
    var leftover: ArraySlice<UInt8> = []
    /// Whether the request that is being served lets the connection live on.
    var isKept = false

    init(channel: Channel, limits: RecordGuard.Limits, deadline: ContinuousClock.Instant) {
        self.channel = channel
        records = RecordGuard(limits: limits)
        self.deadline = deadline
    }

    var key: UInt64 { channel.key }

    /// Whether the peer has begun nothing that would be lost if the connection were closed.
    var isSilent: Bool { (phase == .idle || phase == .reading) && records.isIdle }
}
