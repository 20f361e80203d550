public import HTTPTypes

/// One request as the web server passed it on.
public struct FastCGIRequest: Sendable {
    /// Method, path and header fields.
    ///
    /// The path is REQUEST_URI as the client sent it, not decoded and not normalised. The header fields are the client's
    /// (`HTTP_*`) and CONTENT_TYPE; they prove nothing about who the client is.
    public var head: HTTPRequest
    /// The body, exactly CONTENT_LENGTH bytes, or why there is none.
    public var body: Result<[UInt8], BodyFault>
    /// Every parameter that the web server set itself: those whose names do not begin with `HTTP_`.
    ///
    /// A client cannot set any of them. Of a name that comes twice the first value counts,
    /// except for the names that must be unambiguous: with those twice no request is delivered.
    public var parameters: CGIParameters
    /// Whether more exchanges are in flight than `FastCGILimits.maximumInFlight`: respond at once, without work.
    public var isOverloaded: Bool
    /// Says, at most once, that the response waits for something that may take long.
    ///
    /// From then on the exchange does not count as one in flight, and the task is cancelled when the peer is gone and when the
    /// server stops; in the latter case what the responder returns is sent.
    public var beginWait: @Sendable () -> Void

    /// A request for tests.
    public init(
        head: HTTPRequest, body: Result<[UInt8], BodyFault> = .success([]), parameters: CGIParameters = [:],
        isOverloaded: Bool = false, beginWait: @escaping @Sendable () -> Void = {}
    ) {
        self.head = head
        self.body = body
        self.parameters = parameters
        self.isOverloaded = isOverloaded
        self.beginWait = beginWait
    }
}

extension FastCGIRequest {
    /// The request that parameters and body make.
    init(
        cgiParameters: [CGIParameter], body: [UInt8], records: RequestRecords, bodyLimit: Int, isOverloaded: Bool,
        beginWait: @escaping @Sendable () -> Void
    ) throws(CGIFault) {
        let parameters = CGIParameters(cgiParameters)
        self.init(
            head: try HTTPRequest(cgiParameters: cgiParameters),
            body: BodyFault.check(
                body, received: records.bodyLength, announced: parameters["CONTENT_LENGTH"] ?? "", limit: bodyLimit,
                isTimedOut: records.isTimedOut),
            parameters: parameters, isOverloaded: isOverloaded, beginWait: beginWait)
    }
}
