import Foundation
import Synchronization

/// Runs what may wait on a thread of its own: the tasks under test need Swift's threads.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try body() }) }
        thread.stackSize = 1 << 20
        thread.start()
    }
}

/// One end of a connection to the server, blocking, with a limit on every wait so that a test cannot hang.
final class Peer: Sendable {
    struct Failure: Error { var what: String }

    private let descriptor: Mutex<CInt>
    private let received = Mutex<[UInt8]>([])

    init(path: String, waitSeconds: Int = 20) throws {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let number = errno
            _ = Glibc.close(descriptor)
            throw Failure(what: "connect: errno \(number)")
        }
        var limit = timeval(tv_sec: waitSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        self.descriptor = Mutex(descriptor)
    }

    deinit { close() }

    private var number: CInt { descriptor.withLock { $0 } }

    /// Sends as much as the server takes; false if it has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func endSending() { shutdown(number, CInt(SHUT_WR)) }

    func close() {
        descriptor.withLock {
            if $0 >= 0 { _ = Glibc.close($0) }
            $0 = -1
        }
    }

    /// The next reply, or an error if the server closes before it is whole, or is silent for too long.
    func reply(id: UInt16 = 1) throws -> WireReply {
        while true {
            if let reply = received.withLock({ WireReply(taking: &$0, id: id) }) { return reply }
            guard try receive() else { throw Failure(what: "closed") }
        }
    }

    /// Everything that comes until the server closes.
    func untilClosed() throws -> [UInt8] {
        while try receive() {}
        return received.withLock { $0 }
    }

    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(number, &buffer, buffer.count, 0)
        if count > 0 {
            received.withLock { $0 += buffer[..<count] }
            return true
        }
        // A reset is a close, too; only silence is a failure of the test.
        if count < 0, errno == EAGAIN { throw Failure(what: "nothing came in time") }
        return false
    }
}
