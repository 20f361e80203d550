/// What becomes of the objects that an object owns when it is deleted.
enum PropagationPolicy: String, Sendable {
    /// They are deleted after it, by the garbage collector.
    case background = "Background"
    /// They are deleted first; until then the object stays, marked.
    case foreground = "Foreground"
    /// They stay, without their reference to it.
    case orphan = "Orphan"

    /// The finalizer by which the object waits for the garbage collector.
    var finalizer: String? {
        switch self {
        case .background: nil
        case .foreground: "foregroundDeletion"
        case .orphan: "orphan"
        }
    }

    static let finalizers = ["foregroundDeletion", "orphan"]
}

/// The options of a delete.
struct DeleteOptions {
    var uid: String?
    var resourceVersion: String?
    /// `nil`: the finalizers of the object decide, or else `background`.
    var policy: PropagationPolicy?
    /// Seconds that a pod's containers have to stop; `nil`: what the pod says.
    var gracePeriod: Int64?
    var isDryRun = false

    init() {}

    /// Reads the body of a delete or, if there is none, the query.
    ///
    /// - Throws: 415 for another format, 400 for a body that is no JSON, 422 for an unknown policy.
    init(_ call: APICall) throws(StatusError) {
        isDryRun = call.isDryRun
        var policy = call.query["propagationPolicy"]
        gracePeriod = call.query["gracePeriodSeconds"].flatMap { Int64($0) }
        if !call.body.isEmpty {
            let format = try BodyFormat(call.contentType, isPatch: false)
            let options: Value
            do throws(ValueSyntaxError) {
                options = format == .yaml ? try Value(yaml: call.body) : try Value(parsing: call.body)
            } catch {
                throw .badRequest("couldn't get version/kind; json parse error: \(error.message)")
            }
            uid = options.at("preconditions", "uid")?.string
            resourceVersion = options.at("preconditions", "resourceVersion")?.string
            policy = options["propagationPolicy"]?.string ?? policy
            gracePeriod = options["gracePeriodSeconds"]?.int ?? gracePeriod
            if options["dryRun"]?.array?.isEmpty == false { isDryRun = true }
        }
        guard let policy, !policy.isEmpty else { return }
        guard let known = PropagationPolicy(rawValue: policy) else {
            throw .invalid(
                GroupResource(group: "meta.k8s.io", resource: "DeleteOptions"), "",
                [
                    FieldError(
                        .notSupported, at: "propagationPolicy", value: .string(policy),
                        detail: #"supported values: "Foreground", "Background", "Orphan", "nil""#)
                ])
        }
        self.policy = known
    }

    /// Checks the preconditions.
    ///
    /// - Throws: 409 `Conflict` if the object is another one or has changed.
    func check(_ object: StoredObject, kind: GroupResource) throws(StatusError) {
        if let uid, uid != object.value.uid {
            throw .conflict(
                kind, object.value.name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(object.value.uid)). "
                    + "The object might have been deleted and then recreated")
        }
        if let resourceVersion, resourceVersion != String(object.resourceVersion) {
            throw .conflict(
                kind, object.value.name,
                "the ResourceVersion in the precondition (\(resourceVersion)) does not match the ResourceVersion in "
                    + "record (\(object.resourceVersion)). The object might have been modified")
        }
    }
}
