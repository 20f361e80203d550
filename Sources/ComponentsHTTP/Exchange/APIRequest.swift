public import HTTPTypes

/// One request, as the gateway handed it over.
public struct APIRequest: Sendable {
    /// Method, target as sent (`REQUEST_URI`, not decoded) and header fields.
    ///
    /// Nothing in it says who is asking.
    public var head: HTTPRequest
    /// The whole body, or why there is none to be had.
    public var body: Result<[UInt8], RequestBodyFault>
    /// What the gateway itself says of the exchange.
    public var gateway: GatewayParameters
    /// Whether so many exchanges are in flight that this one is to be answered at once, without work.
    public var isOverloaded: Bool

    /// A request.
    public init(
        head: HTTPRequest, body: Result<[UInt8], RequestBodyFault> = .success([]),
        gateway: GatewayParameters = GatewayParameters(), isOverloaded: Bool = false
    ) {
        self.head = head
        self.body = body
        self.gateway = gateway
        self.isOverloaded = isOverloaded
    }
}

/// What the gateway says of an exchange in parameters of its own, which no client can set.
public struct GatewayParameters: Sendable, Equatable {
    /// `SSL_CLIENT_VERIFY`: `SUCCESS`, `NONE` or `FAILED:reason`; `nil` if the gateway sent none.
    public var clientVerify: String?
    /// `SSL_CLIENT_S_DN`: the certificate's subject in the form of RFC 2253; `nil` if the gateway sent none.
    public var clientSubject: String?
    /// `URL_PREFIX`: what stands before this service's paths in the URLs that clients use, as `/components`.
    public var prefix: String?

    /// What a gateway says.
    public init(clientVerify: String? = nil, clientSubject: String? = nil, prefix: String? = nil) {
        self.clientVerify = clientVerify
        self.clientSubject = clientSubject
        self.prefix = prefix
    }
}
