import HTTPTypes

extension FastCGIRequest {
    /// The request that parameters and body make.
    init(
        cgiParameters: [CGIParameter], body: [UInt8], records: RequestRecords, bodyLimit: Int, isOverloaded: Bool
    ) throws(CGIFault) {
        let parameters = CGIParameters(cgiParameters)
        self.init(
            head: try HTTPRequest(cgiParameters: cgiParameters),
            body: BodyFault.check(
                body, received: records.bodyLength, announced: parameters["CONTENT_LENGTH"] ?? "", limit: bodyLimit,
                isTimedOut: records.isTimedOut),
            parameters: parameters, isOverloaded: isOverloaded)
    }
}
