import HTTPTypes

extension FastCGIRequest {
    /// The request that parameters and body make.
    init(
        cgiParameters: [CGIParameter], body: [UInt8], records: RequestRecords, bodyLimit: Int, isOverloaded: Bool
    ) throws(CGIFault) {
        var parameters = [String: String](minimumCapacity: cgiParameters.count)
        parameters.merge(
            cgiParameters.lazy.filter { !$0.isHeaderField }.map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first })
        self.init(
            head: try HTTPRequest(cgiParameters: cgiParameters),
            body: BodyFault.check(
                body, received: records.bodyLength, announced: parameters["CONTENT_LENGTH"] ?? "", limit: bodyLimit,
                isTimedOut: records.isTimedOut),
            parameters: parameters, isOverloaded: isOverloaded)
    }
}
