/// Why a call to the API server did not do what it was asked.
///
/// Two errors are told apart by their `code`, and in finer points by the predicates; the message is for people.
public struct KubernetesError: Error, Sendable, CustomStringConvertible {
    /// The class of the error.
    public var code: Code
    /// What went wrong, in a sentence: the server's own where there is one.
    ///
    /// It never holds a token or a body.
    public var message: String
    /// The server's description of the error, where it gave one.
    public var status: Status?
    /// The HTTP status of the response, where there was one.
    public var httpStatus: Int?
    /// When it makes sense to ask again, where the server or the breaker said so.
    public var retryAfter: Duration?
    /// Whether the cluster may hold the effect of this call's write, although the call failed.
    ///
    /// It is so when an attempt ended after the request was sent and without a response that settles it: a timeout, a
    /// lost connection, most responses of 500 and above. It stays so through the call's later attempts: an
    /// `alreadyExists` that bears this mark may be the echo of one's own creation, a `conflict` that of one's own
    /// update; compare what is there. Never set by reads.
    public var mayHaveBeenApplied: Bool
    /// What lies beneath, for logs.
    public var cause: (any Error)?

    /// An error of that class.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        mayHaveBeenApplied = false
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}

extension KubernetesError {
    /// The class of an error.
    ///
    /// There may be more of them in later versions: a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// A word that can label a metric: it never holds a value.
        public let description: String

        private init(_ word: StaticString) { description = word.description }

        /// There is no such object, namespace, or kind.
        public static let notFound = Code("notFound")
        /// An object of that name is there already.
        public static let alreadyExists = Code("alreadyExists")
        /// The object changed since it was read, or is another than the precondition names.
        public static let conflict = Code("conflict")
        /// The cluster knows who asks, and does not allow it; quotas and ending namespaces refuse so too.
        public static let forbidden = Code("forbidden")
        /// The cluster does not accept the credentials.
        public static let unauthorized = Code("unauthorized")
        /// The object breaks its schema or a rule.
        public static let invalid = Code("invalid")
        /// The request is not one that the server understands.
        public static let badRequest = Code("badRequest")
        /// The server has too much to do, or the caller asks too often.
        public static let tooManyRequests = Code("tooManyRequests")
        /// The object or the request is larger than the server or its storage takes.
        public static let tooLarge = Code("tooLarge")
        /// The server failed.
        public static let serverError = Code("serverError")
        /// The server, or what stands before it, says that it cannot serve now; or the breaker knows it does not.
        public static let unavailable = Code("unavailable")
        /// The deadline passed, or the server gave up waiting.
        public static let timeout = Code("timeout")
        /// The version or continue token that was asked for is no longer kept.
        public static let gone = Code("gone")
        /// The response is larger than the client reads (`KubernetesClientOptions.maximumResponseSize`).
        public static let responseTooLarge = Code("responseTooLarge")
        /// The response is not what was asked for: not JSON, another kind, another name.
        public static let invalidResponse = Code("invalidResponse")
        /// No connection, or one that was lost.
        public static let connection = Code("connection")
        /// The client's configuration cannot be used.
        public static let configuration = Code("configuration")
        /// The request was refused here, before anything was sent: a name that must not stand in a path, for example.
        public static let invalidRequest = Code("invalidRequest")
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
    }
}

extension KubernetesError {
    /// Whether there is no such object, namespace, or kind.
    public var isNotFound: Bool { code == .notFound }
    /// Whether an object of that name is there already.
    public var isAlreadyExists: Bool { code == .alreadyExists }
    /// Whether the object changed since it was read, or is another than the precondition names.
    public var isConflict: Bool { code == .conflict }
    /// Whether the cluster does not allow it.
    public var isForbidden: Bool { code == .forbidden }
    /// Whether the version or continue token that was asked for is no longer kept.
    public var isGone: Bool { code == .gone }

    /// Whether a `test` of a JSON Patch did not hold, so that nothing was changed.
    ///
    /// The API server has no reason of its own for it, only this sentence.
    public var isFailedTest: Bool {
        code == .invalid && message == "the server rejected our request due to an error in our request"
    }

    /// Whether the namespace of a creation is missing.
    ///
    /// Only a creation says so; a `get` in a missing namespace says that the object is not found.
    public var isNamespaceMissing: Bool { isNotFound && status?.details?.kind == "namespaces" }

    /// Whether the namespace is being deleted, so that nothing new may be created in it.
    public var isNamespaceTerminating: Bool {
        isForbidden && status?.details?.causes.contains { $0.reason == "NamespaceTerminating" } == true
    }

    /// Whether an admission webhook or policy refused the object; the message is the policy's own.
    ///
    /// A policy may give any reason, also `Forbidden` or `RequestEntityTooLarge` (Kubernetes, "Validating Admission Policy"): what
    /// the API server writes before the policy's message is what tells.
    public var isAdmissionDenial: Bool {
        status != nil && (message.contains(" denied the request: ") || message.contains(" denied request: "))
    }

    /// The name of the admission webhook that the API server could not call; `nil` if that is not the reason.
    ///
    /// The API server answers 500 `InternalError` then, and only its sentence names the webhook.
    public var failedWebhook: String? {
        let parts = message.split(separator: "failed calling webhook \"", maxSplits: 1)
        return parts.count == 2 ? parts[1].split(separator: "\"").first.map(String.init) : nil
    }

    /// Whether a ResourceQuota refused the creation.
    ///
    /// The API server has no reason of its own for it: the message of its admission plugin is what tells.
    public var isQuotaExceeded: Bool { isForbidden && message.contains("exceeded quota:") }
}
