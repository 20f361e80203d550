import Glibc
import Synchronization

/// The addresses of a host's name.
struct HostResolver: Sendable {
    /// All addresses of a name, in the order in which they should be tried; none if the name does not exist.
    let addresses: @Sendable (String) async -> [IPAddress]

    /// The system's resolver, which blocks: names whose servers are silent hold up other look-ups at most.
    static let system = HostResolver(on: BlockingThreads(limit: 64)) { lookUp($0) }

    /// Whoever waits for a look-up, who goes on at its end or at its own cancellation, whichever comes first.
    private final class Waiter: Sendable {
        private enum State {
            case idle
            case waiting(CheckedContinuation<[IPAddress], Never>)
            case ended
        }

        private let state = Mutex(State.idle)

        /// Whether anybody waits.
        var isWaiting: Bool {
            state.withLock { state in
                if case .waiting = state { true } else { false }
            }
        }

        /// `false` if it was cancelled before.
        func start(_ continuation: CheckedContinuation<[IPAddress], Never>) -> Bool {
            let isCancelled = state.withLock { state in
                if case .ended = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isCancelled { continuation.resume(returning: []) }
            return !isCancelled
        }

        func end(with addresses: [IPAddress]) {
            let waiting: CheckedContinuation<[IPAddress], Never>? = state.withLock { state in
                defer { state = .ended }
                guard case .waiting(let continuation) = state else { return nil }
                return continuation
            }
            waiting?.resume(returning: addresses)
        }
    }

    private static func lookUp(_ name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                == 0
            {
                // An address with a zone, as fe80::1%eth0, is not read: nothing with a zone is public.
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                let bare = String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
                if let address = IPAddress(bare), !found.contains(address) { found.append(address) }
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}

extension HostResolver {
    /// A resolver that blocks, on these threads.
    ///
    /// A task that is cancelled does not wait for it; a look-up that has not begun then is not made.
    init(on threads: BlockingThreads, _ lookUp: @escaping @Sendable (String) -> [IPAddress]) {
        self.init { name in
            let waiter = Waiter()
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    guard waiter.start(continuation) else { return }
                    threads.run { if waiter.isWaiting { waiter.end(with: lookUp(name)) } }
                }
            } onCancel: {
                waiter.end(with: [])
            }
        }
    }
}
