public import HTTPTypes

/// One answer, complete.
public struct APIResponse: Sendable {
    /// Status and header fields; `Content-Length` among them is the length that the answer to a `GET` has.
    public var head: HTTPResponse
    /// The body; empty in the answer to a `HEAD`.
    public var body: [UInt8]

    /// An answer.
    public init(head: HTTPResponse, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}
