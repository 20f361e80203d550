public import JSON

/// The API server's description of an error (`metav1.Status`).
public struct Status: Sendable, Equatable {
    /// One of several reasons within a refusal, such as a field that breaks the schema.
    public struct Cause: Sendable, Equatable {
        /// A word for programs, such as `FieldValueInvalid`.
        public let reason: String?
        /// A sentence for people.
        public let message: String?
        /// The path of the field, where there is one.
        public let field: String?
    }

    /// What the refusal is about.
    public struct Details: Sendable, Equatable {
        /// The object's name.
        public let name: String?
        /// The group of the resource.
        public let group: String?
        /// The resource's plural name, or its kind: the server uses both.
        public let kind: String?
        /// The object's uid.
        public let uid: String?
        /// The causes; empty where there is only one, in the message.
        public let causes: [Cause]
        /// When to ask again, in seconds.
        public let retryAfterSeconds: Int64?
    }

    /// `Success` or `Failure`.
    public let status: String?
    /// A word for programs, such as `AlreadyExists`; errors of the storage have none.
    public let reason: String?
    /// A sentence for people.
    public let message: String?
    /// The HTTP status that the server meant; 0 where it says none.
    public let code: Int
    /// What the refusal is about.
    public let details: Details?

    /// Reads a `Status`, or `nil` if this is another kind of object.
    ///
    /// A member of the wrong type counts as absent: reading an error must not fail.
    public init?(json: JSONValue) {
        guard json["kind"]?.stringValue == "Status", json["apiVersion"]?.stringValue == "v1" else { return nil }
        status = json["status"]?.stringValue
        reason = json["reason"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        message = json["message"]?.stringValue
        code = json["code"]?.intValue.flatMap(Int.init(exactly:)) ?? 0
        details = json["details"]?.objectValue.map(Details.init(json:))
    }
}

extension Status.Details {
    init(json: JSONObject) {
        name = json["name"]?.stringValue
        group = json["group"]?.stringValue
        kind = json["kind"]?.stringValue
        uid = json["uid"]?.stringValue
        causes = (json["causes"]?.arrayValue ?? []).map { cause in
            Status.Cause(
                reason: cause["reason"]?.stringValue, message: cause["message"]?.stringValue,
                field: cause["field"]?.stringValue)
        }
        retryAfterSeconds = json["retryAfterSeconds"]?.intValue
    }
}
