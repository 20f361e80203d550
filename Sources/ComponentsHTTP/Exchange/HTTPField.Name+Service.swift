import HTTPTypes

extension HTTPField.Name {
    /// What a client calls a request that it may have to repeat.
    static let idempotencyKey: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotency-Key") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// Says of an answer that the same request was answered before.
    static let idempotentReplayed: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotent-Replayed") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// The id by which an exchange is found in the logs.
    static let requestID: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Request-Id") else { preconditionFailure("a token is a field name") }
        return name
    }()

    /// Whose page makes a browser send a request (W3C Fetch Metadata Request Headers).
    static let secFetchSite: HTTPField.Name = {
        guard let name = HTTPField.Name("Sec-Fetch-Site") else { preconditionFailure("a token is a field name") }
        return name
    }()
}
