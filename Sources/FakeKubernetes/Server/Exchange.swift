import HTTPTypes
import Hummingbird

/// One HTTP request as the API reads it.
struct Exchange: Sendable {
    var method: String
    /// Percent-encoded, without the query.
    var path: String
    var query: String
    var headers: HTTPFields
    var body: [UInt8]
    /// The host and port of the server in the request.
    var authority: String
    /// The common name of the verified client certificate.
    var certificateUser: String?

    init(_ request: Request, body: [UInt8], certificateUser: String?) {
        method = request.method.rawValue
        let target = request.head.path ?? "/"
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves[0])
        query = halves.count > 1 ? String(halves[1]) : ""
        headers = request.headers
        authority = request.head.authority ?? ""
        self.body = body
        self.certificateUser = certificateUser
    }

    /// The request for objects that this is; `nil` for every other path.
    func call(user: String) -> APICall? {
        guard case .resource(let path) = APIPath(self.path[...]) else { return nil }
        let query = QueryItems(query)
        guard let verb = APICall.verb(method: method, path: path, query: query) else { return nil }
        return APICall(
            verb: verb, isHead: method == "HEAD", path: path, query: query, contentType: headers[.contentType] ?? "",
            accept: headers[.accept] ?? "", userAgent: headers[.userAgent] ?? "", body: body, user: user)
    }
}
