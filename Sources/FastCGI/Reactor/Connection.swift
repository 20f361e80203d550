/// The reactor's book about one connection; it belongs to the reactor's thread.
final class Connection {
    enum Phase: Equatable {
        /// Before the end of the request.
        case reading
        /// A task has the request.
        case serving
        /// The peer has not taken all of its response; since when.
        case writing(since: ContinuousClock.Instant)
    }

    let channel: Channel
    var records: RecordGuard
    var phase = Phase.reading
    /// The peer's deadline; none while a task serves it.
    var deadline: ContinuousClock.Instant?
    /// The task that serves it, until it is known to be over.
    var task: Task<Void, Never>?

    init(channel: Channel, limits: RecordGuard.Limits, deadline: ContinuousClock.Instant) {
        self.channel = channel
        records = RecordGuard(limits: limits)
        self.deadline = deadline
    }

    var key: UInt64 { channel.key }

    /// Whether the peer has begun nothing that would be lost if the connection were closed.
    var isSilent: Bool { phase == .reading && records.isIdle }
}
