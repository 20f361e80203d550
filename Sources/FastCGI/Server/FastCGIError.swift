import Glibc

/// Why the server could not start, or what it could not do for one exchange.
public struct FastCGIError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalidListener, addressInUse, listenerUnusable, connectionClosed, system, library
        }
        private let value: Value

        /// The text that names the listener is not valid, or names one that would let everybody connect.
        public static let invalidListener = Code(value: .invalidListener)
        /// The address is taken: by another instance, or by a file that is no dead socket.
        public static let addressInUse = Code(value: .addressInUse)
        /// The descriptor that the process was started with is no listening socket, or one to which everybody may write.
        public static let listenerUnusable = Code(value: .listenerUnusable)
        /// A response cannot go on: the peer is gone, took nothing for too long, or the server has ended.
        public static let connectionClosed = Code(value: .connectionClosed)
        /// A system call failed; `errno` says how.
        public static let system = Code(value: .system)
        /// libfcgi refused what it was given, which the checks in front of it should have made impossible.
        public static let library = Code(value: .library)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// What failed and, where there is one, the remedy.
    public let message: String
    /// The system's error number, if a system call is the cause.
    public let errno: CInt?

    init(_ code: Code, _ message: String, errno: CInt? = nil) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    /// A system call that failed just now; to be made before any other call can change `errno`.
    static func system(_ call: String, _ purpose: String, errno number: CInt = Glibc.errno) -> FastCGIError {
        FastCGIError(.system, "\(purpose) failed in \(call)", errno: number)
    }

    /// The message and, if there is one, the system's error.
    public var description: String {
        guard let errno else { return message }
        return "\(message): \(String(cString: strerror(errno))) (errno \(errno))"
    }
}
