import CFastCGI
import Glibc

/// A socket that listens, and what has to be done when it ends.
///
/// It belongs to the reactor's thread once that runs.
struct ListeningSocket: Sendable {
    /// -1 once it is closed.
    private(set) var descriptor: CInt
    /// The address in the form of `FastCGIListener.init(parsing:)`.
    let address: String
    /// Whether only processes of this machine can reach it.
    let isLocal: Bool
    /// Whether the peers are Unix sockets', which have users.
    let hasPeerCredentials: Bool
    /// The file at a path that this process made, if it made one.
    private(set) var file: SocketFile?

    /// Opens what `listener` describes.
    init(_ listener: FastCGIListener, backlog: CInt) throws(FastCGIError) {
        switch listener.address {
        case .inherited(let descriptor): self = try Self.inherited(descriptor)
        case .unix(let path, let mode): self = try Self.unix(path, mode: mode_t(mode), backlog: backlog)
        case .tcp(let host, let port): self = try Self.tcp(host, port, backlog: backlog)
        }
    }

    private init(_ descriptor: CInt, file: SocketFile? = nil) throws(FastCGIError) {
        guard let address = SocketAddress(of: descriptor) else {
            throw .system("getsockname", "finding the address of the listening socket")
        }
        self.descriptor = descriptor
        self.file = file
        self.address = address.text
        isLocal = address.isLocal
        hasPeerCredentials = address.family == AF_UNIX
    }

    /// Removes the file, if it is still this process's own, so that no new peer finds it; connections in the queue stay.
    mutating func unlink() {
        file?.remove()
        file = nil
    }

    var isOpen: Bool { descriptor >= 0 }

    /// Closes it, but never shuts it down: another process may share it.
    mutating func close() {
        unlink()
        if descriptor <= 2 {
            // The standard descriptors keep their place, lest the next file that is opened becomes standard input.
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            if null >= 0 {
                dup2(null, descriptor)
                _ = Glibc.close(null)
            }
        } else {
            _ = Glibc.close(descriptor)
        }
        descriptor = -1
    }

    /// Throws unless the descriptor is a listening socket that not everybody may write to; changes nothing.
    static func checkInherited(_ descriptor: CInt) throws(FastCGIError) {
        var isListening: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening != 0 else {
            throw FastCGIError(
                .listenerUnusable,
                "descriptor \(descriptor) is not a listening socket: start the program by spawn-fcgi, "
                    + "or set LISTEN=unix:PATH or LISTEN=tcp:HOST:PORT")
        }
        if let path = SocketAddress(of: descriptor)?.path {
            var status = stat()
            guard stat(path, &status) != 0 || status.st_mode & 0o002 == 0 else {
                throw FastCGIError(
                    .listenerUnusable,
                    "everybody may write to the socket \(path), and so claim to be anybody: start spawn-fcgi with -M 0660"
                )
            }
        }
    }

    private static func inherited(_ descriptor: CInt) throws(FastCGIError) -> ListeningSocket {
        try checkInherited(descriptor)
        // Without this an accept could wait for ever when another process that shares the socket was faster.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw .system("fcntl", "preparing the inherited socket") }
        return try ListeningSocket(descriptor)
    }

    private static func tcp(_ host: String, _ port: UInt16, backlog: CInt) throws(FastCGIError) -> ListeningSocket {
        guard let address = SocketAddress(host: host, port: port) else {
            throw FastCGIError(.invalidListener, "a numeric address is expected, not '\(host)'")
        }
        let descriptor = try socket(address.family)
        return try closing(descriptor) { () throws(FastCGIError) in
            var yes: CInt = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
            guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
                throw errno == EADDRINUSE
                    ? FastCGIError(.addressInUse, "another process listens on tcp:\(host):\(port)", errno: EADDRINUSE)
                    : .system("bind", "binding tcp:\(host):\(port)")
            }
            guard listen(descriptor, backlog) == 0 else { throw .system("listen", "listening on tcp:\(host):\(port)") }
            return try ListeningSocket(descriptor)
        }
    }

    private static func unix(_ path: String, mode: mode_t, backlog: CInt) throws(FastCGIError) -> ListeningSocket {
        // Held until the socket listens: of two processes that start at once neither replaces the other's socket.
        let lock = try SocketFile.lockDirectory(of: path)
        defer { _ = Glibc.close(lock) }
        try SocketFile.clear(path)
        let descriptor = try socket(AF_UNIX)
        return try closing(descriptor) { () throws(FastCGIError) in
            // Linux makes the file with the socket's own mode less the umask, so it is never open wider than it will be.
            guard fchmod(descriptor, mode) == 0 else { throw .system("fchmod", "setting the mode of the socket") }
            guard SocketAddress(path: path).withPointer({ bind(descriptor, $0, $1) }) == 0 else {
                throw .system("bind", "binding unix:\(path)")
            }
            let file = try SocketFile(path)
            do throws(FastCGIError) {
                // What the umask took away.
                guard chmod(path, mode) == 0 else { throw .system("chmod", "setting the mode of \(path)") }
                guard listen(descriptor, backlog) == 0 else { throw .system("listen", "listening on unix:\(path)") }
                return try ListeningSocket(descriptor, file: file)
            } catch {
                file.remove()
                throw error
            }
        }
    }

    private static func socket(_ family: CInt) throws(FastCGIError) -> CInt {
        let flags = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(family, flags, 0)
        guard descriptor >= 0 else { throw .system("socket", "making a socket") }
        return descriptor
    }

    /// The result of `body`; the descriptor is closed if it throws.
    private static func closing(
        _ descriptor: CInt, _ body: () throws(FastCGIError) -> ListeningSocket
    ) throws(FastCGIError) -> ListeningSocket {
        do throws(FastCGIError) {
            return try body()
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }
}
