/// Why the body of a request is not there.
public enum RequestBodyFault: Error, Sendable, Equatable {
    /// It is longer than `limit` bytes.
    case tooLarge(limit: Int)
    /// It ended before the announced length.
    case incomplete(announced: Int, received: Int)
    /// Its length was announced as something that is no length.
    case invalidLength(String)
    /// It did not arrive in time.
    case timedOut
}
