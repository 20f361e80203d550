/// Why a text is no JSON, in the words of Go's decoder: the real server hands them to its clients.
public struct ValueSyntaxError: Error, Sendable, Equatable {
    /// Such as `unexpected end of JSON input`.
    public var message: String
}
