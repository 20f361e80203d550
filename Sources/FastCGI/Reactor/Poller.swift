import CFastCGI
import Glibc

/// An epoll instance (epoll(7)).
///
/// Interests can be added and changed on any thread, as long as `close()` has not been called.
struct Poller: Sendable {
    /// What is waited for.
    struct Interest: OptionSet {
        let rawValue: UInt32

        static let reading = Interest(rawValue: EPOLLIN.rawValue)
        static let writing = Interest(rawValue: EPOLLOUT.rawValue)
        /// The peer has closed its side.
        static let hangup = Interest(rawValue: EPOLLRDHUP.rawValue)
        /// Reported once, then not again before it is asked for again.
        static let once = Interest(rawValue: EPOLLONESHOT.rawValue)
        /// Of several processes that wait on one socket not all are woken.
        static let exclusive = Interest(rawValue: EPOLLEXCLUSIVE.rawValue)
    }

    /// What has happened on a watched descriptor.
    struct Event {
        let key: UInt64
        /// Whether the peer has closed its side, where that was asked for, or both are closed, or the connection is broken.
        let isHangup: Bool
    }

    private static let hangups = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
    private let descriptor: CInt

    init() throws(FastCGIError) {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .system("epoll_create1", "making an epoll instance") }
    }

    /// Begins to watch a descriptor; its events carry `key`.
    @discardableResult
    func add(_ watched: CInt, _ interest: Interest, key: UInt64) -> Bool {
        control(EPOLL_CTL_ADD, watched, interest, key)
    }

    /// Changes what a watched descriptor is watched for.
    @discardableResult
    func modify(_ watched: CInt, _ interest: Interest, key: UInt64) -> Bool {
        control(EPOLL_CTL_MOD, watched, interest, key)
    }

    /// Stops to watch a descriptor; closing it does so too.
    func remove(_ watched: CInt) { _ = control(EPOLL_CTL_DEL, watched, [], 0) }

    /// Waits for events and puts them into `events`.
    ///
    /// - Parameter timeout: `nil` is without limit. It is rounded up to the next millisecond.
    func wait(_ events: inout [Event], timeout: Duration?) {
        events.removeAll(keepingCapacity: true)
        let milliseconds = timeout.map { CInt(min(3_600_000, max(0, ($0 / .milliseconds(1)).rounded(.up)))) }
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { found in
            let count = epoll_wait(descriptor, found.baseAddress, CInt(found.count), milliseconds ?? -1)
            // Interrupted is as good as nothing: the caller reads its clock and comes again.
            for index in 0..<max(0, Int(count)) {
                let isHangup = found[index].events & Self.hangups != 0
                events.append(Event(key: found[index].data.u64, isHangup: isHangup))
            }
        }
    }

    func close() { _ = Glibc.close(descriptor) }

    private func control(_ operation: CInt, _ watched: CInt, _ interest: Interest, _ key: UInt64) -> Bool {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = key
        return epoll_ctl(descriptor, operation, watched, &event) == 0
    }
}
