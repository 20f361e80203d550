import Foundation
import Synchronization

/// Runs a blocking function on a thread of its own, because the tasks under test need Swift's threads.
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

    convenience init(path: String) throws {
        self.init()
        try connect(path: path)
    }

    /// A peer that has its descriptor and is not connected yet.
    init() {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        self.descriptor = Mutex(descriptor)
    }

    func connect(path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect: errno \(errno)") }
    }

    deinit { close() }

    private var number: CInt { descriptor.withLock { $0 } }

    /// Sends as much as the server reads; `false` if it has closed the connection.
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

    /// Whether the server closes the connection, or sends something, within that time.
    func isClosed(withinMilliseconds limit: CInt) -> Bool {
        var poll = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, limit) > 0
    }

    func endSending() { shutdown(number, CInt(SHUT_WR)) }

    func close() {
        descriptor.withLock {
            if $0 >= 0 { _ = Glibc.close($0) }
            $0 = -1
        }
    }

    /// The next reply, or an error if the server closes before it is complete, or sends nothing for too long.
    func reply(id: UInt16 = 1) throws -> WireReply {
        while true {
            if let reply = received.withLock({ WireReply(taking: &$0, id: id) }) { return reply }
            guard try receive() else { throw Failure(what: "closed") }
        }
    }

    /// The response's output, as soon as it ends with that text.
    func output(endingWith end: String) throws -> String {
        while true {
            let text = received.withLock { String(decoding: [UInt8].output(in: $0), as: UTF8.self) }
            if text.hasSuffix(end) { return text }
            guard try receive() else { throw Failure(what: "closed") }
        }
    }

    /// Everything that arrives until the server closes the connection.
    func untilClosed() throws -> [UInt8] {
        while try receive() {}
        return received.withLock { $0 }
    }

    /// How many bytes one read returned, at most 64 KiB; `nil` if the server has closed the connection.
    func take() throws -> Int? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(number, &buffer, buffer.count, 0)
        if count > 0 {
            received.withLock { $0 += buffer[..<count] }
            return count
        }
        // A reset closes the connection too; only a timeout is a failure of the test.
        if count < 0, errno == EAGAIN { throw Failure(what: "nothing came in time") }
        return nil
    }

    private func receive() throws -> Bool { try take() != nil }
}

extension Peer {
    /// The server's response to one request on a connection of its own.
    static func exchange(_ bytes: [UInt8], path: String) throws -> WireReply {
        let peer = try Peer(path: path)
        peer.send(bytes)
        return try peer.reply()
    }

    /// Everything that the server sends to a peer that sends nothing but `bytes`; `halfClosing`: and ends its side.
    static func send(_ bytes: [UInt8], halfClosing: Bool = true, path: String) throws -> [UInt8] {
        let peer = try Peer(path: path)
        peer.send(bytes)
        if halfClosing { peer.endSending() }
        return try peer.untilClosed()
    }
}

/// How many descriptors of this process are sockets at `path`: only the server's ends.
func serverSockets(path: String) -> Int {
    // The kernel lists a Unix socket's inode in the seventh column, and its path in the eighth.
    let table = (try? String(contentsOfFile: "/proc/net/unix", encoding: .utf8)) ?? ""
    let inodes = Set(
        table.split(separator: "\n").compactMap { line -> String? in
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            return columns.count == 8 && columns[7] == path ? "socket:[\(columns[6])]" : nil
        })
    return openFiles().count { inodes.contains($0) }
}

/// The same, as soon as there are no more than so many, or after ten seconds.
func serverSockets(path: String, settledAt most: Int) -> Int {
    // The server tells nobody here that it has closed a socket.
    _ = look { serverSockets(path: path) <= most }
    return serverSockets(path: path)
}

/// Whether that is so within ten seconds: for what happens elsewhere and is told to nobody.
///
/// It blocks its thread.
func look(until isSo: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<1_000 {
        if try isSo() { return true }
        // The kernel, a log or a server's closing of a socket sends no event to wait for.
        usleep(10_000)  // Only another look shows it.
    }
    return try isSo()
}

/// What the descriptors of this process refer to.
func openFiles() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
}
