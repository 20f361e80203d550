import HTTPTypes

extension HTTPField.Name {
    /// The key of a request that the client may have to repeat.
    static let idempotencyKey: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotency-Key") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// Marks the response to a repeated request.
    static let idempotentReplayed: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotent-Replayed") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// The id of the last event that a client has seen (HTML Standard, section 9.2.4).
    static let lastEventID: HTTPField.Name = {
        guard let name = HTTPField.Name("Last-Event-ID") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// Whether nginx collects the pieces of a response before it sends them.
    static let accelBuffering: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Accel-Buffering") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// The id of an exchange in the logs.
    static let requestID: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Request-Id") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// The site of the page that made a browser send the request (W3C Fetch Metadata Request Headers).
    static let secFetchSite: HTTPField.Name = {
        guard let name = HTTPField.Name("Sec-Fetch-Site") else { preconditionFailure("a token is a field name") }
        return name
    }()
}
