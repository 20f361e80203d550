/// What a delete is bound to.
struct DeleteOptions {
    var uid: String?
    var resourceVersion: String?
    var isDryRun: Bool

    /// Reads the body of a delete, which may be empty.
    init(_ call: APICall) throws(StatusError) {
        isDryRun = call.isDryRun
        guard !call.body.isEmpty else { return }
        let format = try BodyFormat(call.contentType, isPatch: false)
        let options: Value
        do throws(ValueSyntaxError) {
            options = format == .yaml ? try Value(yaml: call.body) : try Value(parsing: call.body)
        } catch {
            throw .badRequest("couldn't get version/kind; json parse error: \(error.message)")
        }
        uid = options.at("preconditions", "uid")?.string
        resourceVersion = options.at("preconditions", "resourceVersion")?.string
        if options["dryRun"]?.array?.isEmpty == false { isDryRun = true }
    }

    /// Whether the object is the one that is meant.
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
