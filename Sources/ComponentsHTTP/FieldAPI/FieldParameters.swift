import Components
import HTTPTypes
import JSON
import OpenAPI

extension OpenAPIParameter {
    static let deploymentID = OpenAPIParameter(
        "deployment_id", in: .path, isRequired: true,
        description:
            "The id of the deployment, as the answer to its start gave it; `latest` is the newest one, but not to remove it.",
        schema: ["anyOf": [.schema("DeployID"), ["const": .string(NativeHandlers.latest)]]],
        example: "demo-deploy-20261122-101500-48213")

    static let forceBuild = OpenAPIParameter(
        "force-build", in: .query, isRequired: false,
        description: "Build every component, also one whose newest build is of the same commit.",
        schema: ["type": "boolean"])

    static let skipUnchanged = OpenAPIParameter(
        "skip-unchanged", in: .query, isRequired: false,
        description: "Build no component of which nothing has changed since its newest good build.",
        schema: ["type": "boolean"])

    static let forceRun = OpenAPIParameter(
        "force-run", in: .query, isRequired: false,
        description: "Run every component anew. Kept and shown; this version starts no jobs.",
        schema: ["type": "boolean"])

    static let description = OpenAPIParameter(
        "description", in: .query, isRequired: false,
        description: "What is deployed and why; in place of the body's `description`.",
        schema: ["type": "string", "maxLength": .number(JSONNumber(DeploymentOptions.maximumDescriptionLength))])

    static let deployToken = OpenAPIParameter(
        DeployTokenCredential.parameter, in: .query, isRequired: false,
        description: "The tool's deploy token. `Authorization: Bearer` is better: a URL is written into many logs.",
        schema: ["type": "string", "format": "uuid"])
}

extension Query {
    /// The truth value of a parameter in the words that the field's scripts use; `false` if it is not given.
    ///
    /// - Throws: `RequestFault.invalidQuery` for any other word.
    func flag(_ name: String) throws(RequestFault) -> Bool {
        guard let text = self[name] else { return false }
        switch text.lowercased() {
        case "true", "1", "yes", "on", "t", "y": return true
        case "false", "0", "no", "off", "f", "n": return false
        default: throw .invalidQuery("\(name) is \(text.quotedForMessage); it must be true or false")
        }
    }
}
