/// One request, complete but for the server's address and the credentials.
struct KubernetesRequest: Sendable, Equatable {
    /// HTTP's methods, as far as this client sends them.
    enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

    /// Kubernetes' word for what is done, for logs and metrics.
    var verb: String
    /// The resource it is done to, for logs and metrics: `plural.group`, with `/status`.
    var resource: String
    var method: Method
    /// The path and query, percent-encoded, without the base path of the server's address.
    var target: String
    var accept = "application/json"
    /// The type and bytes of the body.
    ///
    /// Every request but GET has one: that is how a failed request is known to have been sent.
    var body: Body?
    var repeatability: Repeatability

    struct Body: Sendable, Equatable {
        var contentType: String
        var bytes: [UInt8]
    }

    var isWrite: Bool { repeatability != .read }
}

extension KubernetesRequest {
    /// A GET of any path of the server, such as `/readyz`.
    ///
    /// - Throws: `invalidRequest` if the path holds anything that would need an escape, or that a server could read as
    ///   another path.
    init(getting path: String, query: [(String, String)] = []) throws(KubernetesError) {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain =
            path.utf8.first == UInt8(ascii: "/")
            && segments.dropFirst().allSatisfy { segment in
                !segment.elementsEqual(".".utf8) && !segment.elementsEqual("..".utf8)
                    && segment.allSatisfy(PercentEncoding.isUnreserved)
            } && !segments.dropFirst().dropLast().contains { $0.isEmpty }
        guard isPlain else {
            throw KubernetesError(.invalidRequest, "this is not a path of the API server")
        }
        self.init(
            verb: "get", resource: "nonresource", method: .get, target: path + PercentEncoding.query(query),
            repeatability: .read)
    }
}

/// RFC 3986's percent-encoding.
enum PercentEncoding {
    /// Letters, digits, `-`, `.`, `_` and `~`.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The text with every byte that is not unreserved as `%XX`.
    static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `?name=value&…`, or nothing.
    static func query(_ parameters: [(String, String)]) -> String {
        guard !parameters.isEmpty else { return "" }
        return "?" + parameters.map { encode($0.0) + "=" + encode($0.1) }.joined(separator: "&")
    }
}
