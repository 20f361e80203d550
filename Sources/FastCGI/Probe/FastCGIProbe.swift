import CFastCGI
import Glibc

/// Sends one request to a FastCGI server of this machine and returns the status of the response.
///
/// A container's probe needs it when the server's socket is the only way in. It blocks its thread, so it is for a process
/// that does nothing else.
public struct FastCGIProbe: Sendable {
    private let listener: FastCGIListener
    private let timeout: Int

    /// A probe of the server at that listener's address.
    ///
    /// - Parameters:
    ///   - listener: A socket with an address: not an inherited one.
    ///   - timeoutSeconds: How long each step, to connect, write or read, may take.
    public init(listener: FastCGIListener, timeoutSeconds: Int = 4) {
        self.listener = listener
        timeout = timeoutSeconds
    }

    /// The status of the response to `GET path`, sent without an identity.
    ///
    /// - Throws: `FastCGIError` with the code `invalidListener` if there is no address to connect to, and `system` if the
    ///   server is not there, or sends no response in time, or one without a status.
    public func status(of path: String) throws(FastCGIError) -> Int {
        let address = try address()
        let descriptor = socket(address.family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", "making a socket") }
        defer { _ = Glibc.close(descriptor) }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            guard setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0 else {
                throw .system("setsockopt", "setting the timeouts of a socket")
            }
        }
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            throw .system("connect", "connecting to \(address.text)")
        }
        try send(Self.request(for: path), to: descriptor)
        return try Self.status(in: try response(from: descriptor))
    }

    private func address() throws(FastCGIError) -> SocketAddress {
        switch listener.address {
        case .unix(let path, _): return SocketAddress(path: path)
        case .tcp(let host, let port):
            if let address = SocketAddress(host: host, port: port) { return address }
        case .inherited: break
        }
        throw FastCGIError(
            .invalidListener, "a probe needs the address of the server: set LISTEN=unix:PATH or LISTEN=tcp:HOST:PORT")
    }

    private func send(_ bytes: [UInt8], to descriptor: CInt) throws(FastCGIError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw .system("send", "sending the request") }
            rest = rest.dropFirst(count)
        }
    }

    /// The content of the STDOUT records, up to the end of the request or of the connection.
    private func response(from descriptor: CInt) throws(FastCGIError) -> [UInt8] {
        var output: [UInt8] = []
        while let bytes = try read(RecordHeader.length, from: descriptor) {
            let header = RecordHeader(bytes: bytes.reduce(0) { $0 << 8 | UInt64($1) })
            guard header.type != .endRequest,
                let content = try read(header.contentLength + header.paddingLength, from: descriptor)
            else { break }
            if header.type == .standardOutput { output += content.prefix(header.contentLength) }
        }
        return output
    }

    /// Exactly so many bytes, or `nil` if the connection ends before.
    private func read(_ count: Int, from descriptor: CInt) throws(FastCGIError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = bytes[filled...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard received >= 0 else { throw .system("recv", "reading the response") }
            guard received > 0 else { return nil }
            filled += received
        }
        return bytes
    }

    private static func request(for path: String) -> [UInt8] {
        var records = RequestRecords(id: 1)
        let parameters = [
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", path), ("QUERY_STRING", ""), ("CONTENT_LENGTH", ""),
            ("SERVER_PROTOCOL", "HTTP/1.1"),
        ]
        for (name, value) in parameters {
            records.parameters += length(name) + length(value) + Array(name.utf8) + Array(value.utf8)
        }
        return records.stream
    }

    /// The length of a name or a value in its long form (specification 1.0, section 3.4), which any length may have.
    private static func length(_ text: String) -> [UInt8] {
        let count = UInt32(text.utf8.count) | 1 << 31
        return [UInt8(count >> 24), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    }

    private static func status(in response: [UInt8]) throws(FastCGIError) -> Int {
        let line = String(
            decoding: response.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard line.hasPrefix("Status: "), let status = Int(line.dropFirst("Status: ".count).prefix(3)) else {
            throw FastCGIError(.system, "the server closed the connection without a response")
        }
        return status
    }
}
