import HTTPTypes

extension HTTPField.Name {
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
