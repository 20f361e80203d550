import JSON

/// Something that an account may or may not do: a verb, and what it is done to.
public struct AccessQuestion: Sendable, Hashable {
    /// Kubernetes' word: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    public var verb: String
    /// The API group; empty for the core group.
    public var group: String
    /// The resource's plural name.
    public var resource: String
    /// A part of the object, such as `status` or `log`.
    public var subresource: String?
    /// The namespace; `nil` asks for all of them, or for a kind that lives in none.
    public var namespace: String?
    /// The object's name; `nil` asks for all of them.
    public var name: String?

    /// A question about a kind.
    public init(
        _ verb: String, _ definition: ResourceDefinition, subresource: String? = nil, namespace: String? = nil,
        name: String? = nil
    ) {
        self.verb = verb
        group = definition.group
        resource = definition.plural
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    var json: JSONValue {
        var attributes: JSONObject = [
            "verb": .string(verb), "group": .string(group), "resource": .string(resource),
        ]
        attributes["subresource"] = subresource.map(JSONValue.string)
        attributes["namespace"] = namespace.map(JSONValue.string)
        attributes["name"] = name.map(JSONValue.string)
        return [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": ["resourceAttributes": .object(attributes)],
        ]
    }
}

extension KubernetesClient {
    /// Whether this client's account may do that, by the server's own rules (`SelfSubjectAccessReview`).
    ///
    /// Every account may ask. The server's answer is of the moment, and says nothing of quotas and admission.
    /// - Throws: `KubernetesError` if the question could not be answered; a right that is missing is not an error.
    public func isAllowed(_ question: AccessQuestion) async throws(KubernetesError) -> Bool {
        let request = KubernetesRequest(
            verb: "create", resource: "selfsubjectaccessreviews.authorization.k8s.io", method: .post,
            target: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            body: .init(contentType: "application/json", bytes: question.json.serialized()), repeatability: .read)
        let json = try await calls.call(request).json
        guard json?["kind"]?.stringValue == "SelfSubjectAccessReview",
            let isAllowed = json?["status"]?["allowed"]?.boolValue
        else {
            throw KubernetesError(.invalidResponse, "the response is not a SelfSubjectAccessReview with a status")
        }
        return isAllowed
    }
}
