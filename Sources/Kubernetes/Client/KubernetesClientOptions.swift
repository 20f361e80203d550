/// Options that apply to every call of a client.
public struct KubernetesClientOptions: Sendable {
    /// The name that objects show as the author of fields (`fieldManager`); at most 128 characters.
    public var fieldManager: String
    /// What the server does with fields that it does not know.
    public var fieldValidation: FieldValidation
    /// How long one call may take: connection, attempts, waits between them, and the response to its last byte.
    public var deadline: Duration
    /// How long connecting may take, with TLS.
    public var connectTimeout: Duration
    /// How many connections are open at a time; further requests wait, within their deadlines.
    public var maximumConnections: Int
    /// How many streams (watches, logs) are open at a time, beside the connections for calls; further ones wait, within
    /// the deadline of a call.
    public var maximumStreams: Int
    /// The largest body that is sent, in bytes; a larger one is refused here, as `tooLarge`.
    ///
    /// Kubernetes' storage takes objects of about 1.5 MiB, with what the server adds to them.
    public var maximumRequestSize: Int
    /// The largest response that is read, in bytes.
    public var maximumResponseSize: Int
    /// How often a call is tried again.
    public var retryPolicy: RetryPolicy
    /// The `User-Agent` of every request.
    public var userAgent: String

    /// Ten seconds a call, three of them at most for connecting, 128 connections and as many streams, objects of up to
    /// 1 MiB, responses of up to 8 MiB, and strict validation of fields, unless said otherwise.
    public init(
        fieldManager: String, fieldValidation: FieldValidation = .strict, deadline: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(3), maximumConnections: Int = 128, maximumStreams: Int = 128,
        maximumRequestSize: Int = 1 << 20, maximumResponseSize: Int = 8 << 20,
        retryPolicy: RetryPolicy = RetryPolicy(), userAgent: String? = nil
    ) {
        self.fieldManager = fieldManager
        self.fieldValidation = fieldValidation
        self.deadline = deadline
        self.connectTimeout = connectTimeout
        self.maximumConnections = max(1, maximumConnections)
        self.maximumStreams = max(1, maximumStreams)
        self.maximumRequestSize = maximumRequestSize
        self.maximumResponseSize = maximumResponseSize
        self.retryPolicy = retryPolicy
        self.userAgent = userAgent ?? fieldManager
    }
}
