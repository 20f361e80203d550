/// What the API says to a request.
struct APIAnswer: Sendable {
    var status: Int
    var contentType = "application/json"
    var headers: [String: String] = [:]
    var body: [UInt8]
    /// Whether something was stored.
    var isCommitted = false
    /// Which change of the cluster was the latest when the request had been carried out; `nil` if it was not.
    var revision: Int64?
    /// What follows the body, for a watch.
    var watch: Watch?

    init(status: Int, body: [UInt8], isCommitted: Bool = false) {
        self.status = status
        self.body = body
        self.isCommitted = isCommitted
    }

    init(status: Int, value: Value, isCommitted: Bool = false) {
        self.init(status: status, body: value.serialized(), isCommitted: isCommitted)
    }

    init(_ error: StatusError) {
        self.init(status: error.code, value: error.value)
        headers = error.headers
    }
}
