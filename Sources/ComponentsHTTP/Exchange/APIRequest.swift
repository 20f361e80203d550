public import HTTPTypes

/// One request, as the gateway passed it on.
public struct APIRequest: Sendable {
    /// Method, target as sent (`REQUEST_URI`, not decoded) and header fields.
    ///
    /// None of it identifies the client.
    public var head: HTTPRequest
    /// The whole body, or the reason why it is missing.
    public var body: Result<[UInt8], RequestBodyFault>
    /// What the gateway itself says about the exchange.
    public var gateway: GatewayParameters
    /// Whether too many exchanges are in flight, so that this one is refused at once.
    public var isOverloaded: Bool
    /// Is called, at most once, when the response begins to wait for something that may take long, or to stream it.
    ///
    /// From then on the exchange counts no longer as one in flight, and its task is to be cancelled when the client is gone
    /// or the service stops.
    public var beginWait: @Sendable () -> Void

    /// A request.
    public init(
        head: HTTPRequest, body: Result<[UInt8], RequestBodyFault> = .success([]),
        gateway: GatewayParameters = GatewayParameters(), isOverloaded: Bool = false,
        beginWait: @escaping @Sendable () -> Void = {}
    ) {
        self.head = head
        self.body = body
        self.gateway = gateway
        self.isOverloaded = isOverloaded
        self.beginWait = beginWait
    }

    /// Whether it is `OPTIONS *`, which is about the server as a whole (RFC 9110, section 9.3.7).
    var isAboutTheServer: Bool { head.method == .options && head.path == "*" }
}

/// What the gateway says about an exchange in FastCGI parameters, which no client can set.
public struct GatewayParameters: Sendable, Equatable {
    /// `SSL_CLIENT_VERIFY`: `SUCCESS`, `NONE` or `FAILED:reason`; `nil` if the gateway sent none.
    public var clientVerify: String?
    /// `SSL_CLIENT_S_DN`: the certificate's subject in the form of RFC 2253; `nil` if the gateway sent none.
    public var clientSubject: String?
    /// `URL_PREFIX`: what stands before this service's paths in the URLs that clients use, as `/components`.
    public var prefix: String?
    /// `TOOLFORGE_USER`: the person who acts for the tool; `nil` if the gateway does not say.
    public var person: String?

    /// The parameters of one exchange.
    public init(
        clientVerify: String? = nil, clientSubject: String? = nil, prefix: String? = nil, person: String? = nil
    ) {
        self.clientVerify = clientVerify
        self.clientSubject = clientSubject
        self.prefix = prefix
        self.person = person
    }
}

/// Why the body of a request is missing.
public enum RequestBodyFault: Error, Sendable, Equatable {
    /// It is longer than `limit` bytes.
    case tooLarge(limit: Int)
    /// It ended before the announced length.
    case incomplete(announced: Int, received: Int)
    /// Its `Content-Length` is not a number.
    case invalidLength(String)
    /// It did not arrive in time.
    case timedOut
}
