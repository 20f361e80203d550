/// What the API answers a request with.
struct APIResponse: Sendable {
    var status: Int
    var contentType = "application/json"
    var headers: [String: String] = [:]
    var body: [UInt8]
    /// Whether something was stored.
    var isCommitted = false
    /// The version of the cluster right after the request was carried out; `nil` if it was not carried out.
    var revision: Int64?
    /// What is sent instead of `body`, piece by piece.
    var stream: ResponseStream?

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

    static func text(_ text: String, status: Int = 200) -> APIResponse {
        var response = APIResponse(status: status, body: Array(text.utf8))
        response.contentType = "text/plain; charset=utf-8"
        return response
    }

    /// A path at which nothing is; the real server's router says so in plain text.
    static var pageNotFound: APIResponse { text("404 page not found\n", status: 404) }
}

/// A body that comes piece by piece: the events of a watch or the lines of a log.
enum ResponseStream: Sendable {
    case watch(Watch)
    case log(FollowedLog)

    /// Passes on every piece as it comes; returns when the stream ends.
    func forEachPiece(_ body: ([UInt8]) async throws -> Void) async throws {
        switch self {
        case .watch(let watch): try await watch.forEachLine(body)
        case .log(let log): try await log.forEachLine(body)
        }
    }
}
