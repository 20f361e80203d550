/// The format in which a client wants the response, from its `Accept` header.
enum ResponseFormat: Sendable, Equatable {
    case json
    /// Rows and columns, for `kubectl get`.
    case table
    /// Objects without anything but their metadata.
    case partialObjectMetadata
    /// All groups and kinds in one document.
    case aggregatedDiscovery

    /// The content type of the response.
    var contentType: String {
        self == .aggregatedDiscovery
            ? "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" : "application/json"
    }

    /// - Returns: The first format that the client names and the server has; `nil` if there is none: then the response is 406.
    init?(accept: String) {
        let clauses = accept.split(separator: ",")
        guard !clauses.isEmpty else {
            self = .json
            return
        }
        for clause in clauses {
            if let format = Self.format(of: clause) {
                self = format
                return
            }
        }
        return nil
    }

    private static func format(of clause: Substring) -> ResponseFormat? {
        let parts = clause.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
        guard let type = parts.first, ["application/json", "application/*", "*/*"].contains(type) else { return nil }
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            if sides.count == 2 { parameters[String(sides[0])] = String(sides[1]) }
        }
        switch (parameters["as"], parameters["g"], parameters["v"]) {
        case (nil, _, _): return .json
        case ("table", "meta.k8s.io", "v1"): return .table
        case ("partialobjectmetadata", "meta.k8s.io", "v1"), ("partialobjectmetadatalist", "meta.k8s.io", "v1"):
            return .partialObjectMetadata
        case ("apigroupdiscoverylist", "apidiscovery.k8s.io", "v2"): return .aggregatedDiscovery
        default: return nil
        }
    }
}
