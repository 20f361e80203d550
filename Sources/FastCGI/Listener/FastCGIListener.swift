/// Where the server takes its connections: a description, nothing is opened before the server runs.
public struct FastCGIListener: Sendable, Equatable {
    enum Address: Sendable, Equatable {
        case inherited(descriptor: Int32)
        case unix(path: String, mode: UInt16)
        case tcp(host: String, port: UInt16)
    }

    let address: Address
    /// The users whose processes may connect to a Unix socket; no byte of any other user's is read.
    ///
    /// By default the process's own user and root. Over TCP a peer has no user, so every process that reaches the port may
    /// connect.
    public var allowedUserIDs: Set<UInt32>

    private init(_ address: Address) {
        self.address = address
        allowedUserIDs = [0, Self.ownUserID]
    }

    /// A listening socket that the process was started with, as spawn-fcgi and its like pass it.
    ///
    /// The descriptor is closed when the server ends, but the socket is neither shut down nor unlinked: it may be shared.
    public static func inherited(descriptor: Int32 = 0) -> FastCGIListener {
        FastCGIListener(.inherited(descriptor: descriptor))
    }

    /// Checks that an inherited descriptor can be listened on, before anything else is started.
    ///
    /// So a program that was started without a socket says first of all how to start it. A socket of the server's own is
    /// checked when it is opened.
    /// - Throws: `FastCGIError` with the code `listenerUnusable`.
    public func check() throws(FastCGIError) {
        if case .inherited(let descriptor) = address { try ListeningSocket.checkInherited(descriptor) }
    }

    /// A Unix socket of the server's own.
    ///
    /// - Parameters:
    ///   - path: At most 107 bytes. A dead socket at that path is replaced, anything else is left and reported.
    ///   - mode: The permissions of the socket, whatever the umask; it must not let others write.
    /// - Throws: `FastCGIError` with the code `invalidListener`.
    public static func unix(path: String, mode: UInt16 = 0o660) throws(FastCGIError) -> FastCGIListener {
        guard !path.isEmpty, path.utf8.count <= 107, !path.utf8.contains(0) else {
            throw FastCGIError(.invalidListener, "a socket's path has 1 to 107 bytes: '\(path)'")
        }
        guard mode <= 0o777, mode & 0o002 == 0 else {
            throw FastCGIError(
                .invalidListener,
                "everybody who may write to the socket can claim any identity: use mode=0660 and a common group"
            )
        }
        return FastCGIListener(.unix(path: path, mode: mode))
    }

    /// A TCP socket of the server's own.
    ///
    /// - Parameters:
    ///   - host: A numeric address, or `localhost`. Nothing is known of the users of a TCP socket: use a loopback address.
    ///   - port: With 0 the system chooses one; `FastCGIServer.localAddress` has it.
    /// - Throws: `FastCGIError` with the code `invalidListener`.
    public static func tcp(host: String, port: UInt16) throws(FastCGIError) -> FastCGIListener {
        guard SocketAddress(host: host, port: port) != nil else {
            throw FastCGIError(.invalidListener, "a numeric address (or localhost) is expected, not '\(host)'")
        }
        return FastCGIListener(.tcp(host: host, port: port))
    }
}
