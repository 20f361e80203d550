extension StatusError {
    static func notFound(_ resource: GroupResource, _ name: String) -> StatusError {
        StatusError(
            code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found",
            details: details(name: name, group: resource.group, kind: resource.resource))
    }

    static func alreadyExists(_ resource: GroupResource, _ name: String) -> StatusError {
        StatusError(
            code: 409, reason: "AlreadyExists", message: "\(resource) \"\(name)\" already exists",
            details: details(name: name, group: resource.group, kind: resource.resource))
    }

    /// A name that is taken by an object that still waits for its finalizers, or for its containers to stop.
    static func isBeingDeleted(_ resource: GroupResource, _ name: String) -> StatusError {
        var error = alreadyExists(resource, name)
        error.message = "object is being deleted: " + error.message
        return error
    }

    /// A replace of an object by the uid of another one, or of one that does not exist (`found` is empty).
    static func hasAnotherUID(
        _ resource: GroupResource, _ name: String, key: String, uid: String, found: String
    ) -> StatusError {
        conflict(
            resource, name,
            "StorageError: invalid object, Code: 4, Key: \(key), ResourceVersion: 0, AdditionalErrorMsg: Precondition "
                + "failed: UID in precondition: \(uid), UID in object meta: \(found)")
    }

    /// A resourceVersion that is not the current one.
    static func modified(_ resource: GroupResource, _ name: String) -> StatusError {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    /// - Parameter kind: The resource or, for a failed precondition of a delete, the kind: so the real server has it.
    static func conflict(_ kind: GroupResource, _ name: String, _ why: String) -> StatusError {
        StatusError(
            code: 409, reason: "Conflict", message: "Operation cannot be fulfilled on \(kind) \"\(name)\": \(why)",
            details: details(name: name, group: kind.group, kind: kind.resource))
    }

    /// - Parameter kind: The kind or, where the resourceVersion is missing, the resource.
    static func invalid(_ kind: GroupResource, _ name: String, _ errors: [FieldError]) -> StatusError {
        StatusError(
            code: 422, reason: "Invalid", message: "\(kind) \"\(name)\" is invalid: \(FieldError.text(of: errors))",
            details: details(
                name: name, group: kind.group, kind: kind.resource,
                causes: errors.map { error in
                    [
                        "reason": .string(error.reason.rawValue), "message": .string(error.message),
                        "field": .string(error.field),
                    ]
                }))
    }

    static func forbidden(_ resource: GroupResource, _ name: String, _ why: String, causes: [Value] = []) -> StatusError
    {
        let object = name.isEmpty ? "\(resource)" : "\(resource) \"\(name)\""
        return StatusError(
            code: 403, reason: "Forbidden", message: "\(object) is forbidden: \(why)",
            details: details(name: name, group: resource.group, kind: resource.resource, causes: causes))
    }

    static func badRequest(_ message: String) -> StatusError {
        StatusError(code: 400, reason: "BadRequest", message: message)
    }

    /// An error without a reason: one that the real server did not expect.
    static func unexpected(_ message: String) -> StatusError { StatusError(code: 500, message: message) }

    static let unauthorized = StatusError(code: 401, reason: "Unauthorized", message: "Unauthorized")

    /// A patch that cannot be applied: the real server does not say why.
    static let unprocessablePatch = StatusError(
        code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
        details: [:])

    static func unsupportedMediaType(accepted: [String]) -> StatusError {
        StatusError(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    /// A list or watch that is not to be older than a version which the cluster has not reached.
    static func versionOfTheFuture(_ wanted: Int64, current: Int64) -> StatusError {
        StatusError(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(wanted), current: \(current)",
            details: [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]]
            ])
    }

    static func expired(_ message: String) -> StatusError {
        StatusError(code: 410, reason: "Expired", message: message)
    }

    static let notAcceptable = StatusError(
        code: 406, reason: "NotAcceptable", message: "only the following media types are accepted: application/json")

    static func methodNotAllowed(_ resource: GroupResource) -> StatusError {
        StatusError(
            code: 405, reason: "MethodNotAllowed",
            message: "the server does not allow this method on the requested resource",
            details: details(name: "", group: resource.group, kind: resource.resource))
    }

    static func requestTooLarge(limit: Int) -> StatusError {
        StatusError(
            code: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: limit is \(limit)")
    }

    /// An object that is larger than etcd's limit for a request; errors of the storage have neither reason nor details.
    static let tooLargeForStorage = StatusError(code: 500, message: "etcdserver: request is too large")

    static let versionSetOnCreate = StatusError(
        code: 500, message: "resourceVersion should not be set on objects to be created")
}
