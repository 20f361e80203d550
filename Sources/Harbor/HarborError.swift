/// Why the registry could not be asked, or did not do what it was asked for.
public struct HarborError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Equatable {
        /// It cannot be reached, or does not answer in time.
        case unreachable
        /// It refuses.
        case refused
        /// It does not answer as a registry does.
        case invalidResponse
    }

    /// What kind of failure it is.
    public var code: Code
    /// A sentence without its full stop; it names no credentials.
    public var message: String

    /// A failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
