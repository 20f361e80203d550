import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A server on a free loopback port that accepts connections and never says a word.
final class SilentListener: Sendable {
    let port: Int
    private let socket: Int32
    private let accepted = Mutex<Int32?>(nil)

    struct Failed: Error {
        let call: String
        let code: Int32
    }

    init() throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failed(call: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 && listen(socket, 4) == 0
                    && getsockname(socket, pointer, &length) == 0
            }
        }
        guard bound else { throw Failed(call: "bind", code: errno) }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(socket)
        if let peer = accepted.withLock({ $0 }) { close(peer) }
    }

    /// Waits for the first connection.
    func accept() async throws {
        try await Self.onThread { try self.acceptBlocking() }
    }

    /// Whether the one that connected has gone; it must have connected.
    private func isPeerGone() throws -> Bool {
        if accepted.withLock({ $0 }) == nil { try acceptBlocking() }
        guard let peer = accepted.withLock({ $0 }) else { return false }
        // What it said is read, then its end; a peer that lives leaves this waiting.
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(peer, &buffer, buffer.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return true }
            guard count > 0 else { return false }
        }
    }

    /// Waits for the end of the one that connected, without holding up other tasks.
    func waitUntilPeerIsGone() async throws -> Bool {
        try await Self.onThread { try self.isPeerGone() }
    }

    /// Runs what blocks on a thread of its own: Swift's own threads are few.
    private static func onThread<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    private func acceptBlocking() throws {
        let peer = Glibc.accept(socket, nil, nil)
        guard peer >= 0 else { throw Failed(call: "accept", code: errno) }
        // A peer that does not go makes the test fail, not hang.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        accepted.withLock { $0 = peer }
    }
}
