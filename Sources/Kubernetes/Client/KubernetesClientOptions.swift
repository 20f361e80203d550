/// What a client does the same way for every call.
public struct KubernetesClientOptions: Sendable {
    /// Who is noted in objects as the author of fields; at most 128 characters.
    public var fieldManager: String
    /// What the server does with fields that it does not know.
    public var fieldValidation: FieldValidation
    /// How long one call may take: connection, attempts, waits between them, and the answer to its last byte.
    public var deadline: Duration
    /// How long a connection may take to come about.
    public var connectTimeout: Duration
    /// How many connections are open at a time; further requests wait, within their deadlines.
    public var maximumConnections: Int
    /// The largest body that is sent, in bytes; a larger one is refused here, as `tooLarge`.
    ///
    /// Kubernetes' storage takes objects of about 1.5 MiB, with what the server adds to them.
    public var maximumRequestSize: Int
    /// The largest answer that is read, in bytes.
    public var maximumAnswerSize: Int
    /// How often a call is tried again.
    public var retryPolicy: RetryPolicy
    /// The `User-Agent` of every request.
    public var userAgent: String

    /// Ten seconds a call, three of them at most for a connection, 128 connections, objects of up to 1 MiB, answers of up to 8 MiB,
    /// and strict validation of fields, unless said otherwise.
    public init(
        fieldManager: String, fieldValidation: FieldValidation = .strict, deadline: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(3), maximumConnections: Int = 128,
        maximumRequestSize: Int = 1 << 20, maximumAnswerSize: Int = 8 << 20,
        retryPolicy: RetryPolicy = RetryPolicy(), userAgent: String? = nil
    ) {
        self.fieldManager = fieldManager
        self.fieldValidation = fieldValidation
        self.deadline = deadline
        self.connectTimeout = connectTimeout
        self.maximumConnections = max(1, maximumConnections)
        self.maximumRequestSize = maximumRequestSize
        self.maximumAnswerSize = maximumAnswerSize
        self.retryPolicy = retryPolicy
        self.userAgent = userAgent ?? fieldManager
    }
}
