/// A refusal: what becomes a `Status` object with an error code.
struct StatusError: Error, Equatable {
    var code: Int
    /// Such as `NotFound`; errors of the storage have none.
    var reason: String?
    var message: String
    /// `nil`: the `Status` has no `details` at all, which is not the same as empty ones.
    var details: Value?
    /// Header fields that the answer carries beside its own.
    var headers: [String: String] = [:]
    /// The metadata of the `Status`: that of the list that was asked for.
    var metadata: Value = [:]

    /// The `Status` object.
    var value: Value {
        var status: Value = [
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": .string(message),
            "code": .int(Int64(code)),
        ]
        if let reason { status["reason"] = .string(reason) }
        if let details { status["details"] = details }
        return status
    }

    /// The `details` of an object; `kind` is the resource or the kind, as the real server has it in each case.
    static func details(name: String, group: String, kind: String, causes: [Value] = []) -> Value {
        var details: Value = [:]
        if !kind.isEmpty { details["kind"] = .string(kind) }
        if !name.isEmpty { details["name"] = .string(name) }
        if !group.isEmpty { details["group"] = .string(group) }
        if !causes.isEmpty { details["causes"] = .array(causes) }
        return details
    }
}
