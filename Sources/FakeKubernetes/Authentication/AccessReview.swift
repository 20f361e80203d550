/// Answers `SelfSubjectAccessReview`: whether the client has the right to an action.
enum AccessReview {
    static func answer(_ call: APICall, identity: Identity) throws(StatusError) -> APIResponse {
        guard call.verb == .create, call.path.group == "authorization.k8s.io" else {
            throw .methodNotAllowed(call.resource)
        }
        // Protobuf is refused, so that a client falls back to JSON.
        _ = try BodyFormat(call.contentType, isPatch: false)
        var review: Value
        do throws(ValueSyntaxError) {
            review = try Value(parsing: call.body)
        } catch {
            throw .badRequest(error.message)
        }
        let wanted = review.at("spec", "resourceAttributes") ?? [:]
        let plural = wanted["resource"]?.string ?? ""
        let access = Access(
            verb: wanted["verb"]?.string ?? "", group: wanted["group"]?.string ?? "",
            resource: wanted["subresource"]?.string.flatMap { $0.isEmpty ? nil : $0 }.map { "\(plural)/\($0)" }
                ?? plural,
            namespace: wanted["namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 }, name: wanted["name"]?.string)
        let isAllowed =
            if let path = review.at("spec", "nonResourceAttributes", "path")?.string {
                identity.mayRead(path: path)
            } else {
                identity.may(access)
            }
        review["metadata"] = [:]
        review["status"] = ["allowed": .bool(isAllowed)]
        return APIResponse(status: 201, value: review)
    }
}
