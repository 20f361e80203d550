/// Answers whether whoever asks may do something (`SelfSubjectAccessReview`).
enum AccessReview {
    static func answer(_ call: APICall, identity: Identity) throws(StatusError) -> APIAnswer {
        guard call.verb == .create, call.path.group == "authorization.k8s.io" else {
            throw .methodNotAllowed(call.resource)
        }
        // A client that speaks protobuf must learn that it is not spoken here.
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
            resource: wanted["subresource"]?.string.map { "\(plural)/\($0)" } ?? plural,
            namespace: wanted["namespace"]?.string, name: wanted["name"]?.string)
        review["metadata"] = [:]
        review["status"] = ["allowed": .bool(identity.may(access))]
        return APIAnswer(status: 201, value: review)
    }
}
