import Components
import Foundation
import JSON
import Kubernetes

/// A `DeployToken`: its `spec` is what a tool's token is derived from.
///
/// The token itself is stored nowhere.
struct DeployTokenObject: KubernetesResource {
    static let definition = CustomResources.deployToken

    let metadata: ObjectMetadata
    let spec: JSONValue

    init(name: String, token: DeployToken) {
        metadata = ObjectMetadata(name: name)
        spec = Self.spec(of: token)
    }

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        spec = json["spec"] ?? .null
    }

    var json: JSONValue { ["metadata": metadata.json, "spec": spec] }

    /// The `spec` with these values.
    static func spec(of token: DeployToken) -> JSONValue {
        [
            "keyID": .string(token.keyID), "nonce": .string(token.nonce),
            "createdAt": .string(token.createdAt.formattedWithMicroseconds),
            "expiresAt": .string(token.expiresAt.formattedWithMicroseconds),
        ]
    }

    /// What the object says.
    ///
    /// - Throws: `ClusterFailure.unreadable` if it is not as this service writes it.
    func stored() throws(ClusterFailure) -> StoredDeployToken {
        guard let uid = metadata.uid, let version = metadata.resourceVersion else {
            throw .unreadable(reason: "its metadata is incomplete")
        }
        guard let keyID = spec["keyID"]?.stringValue, let nonce = spec["nonce"]?.stringValue,
            let createdAt = spec["createdAt"]?.stringValue.flatMap({ Date(formattedWithMicroseconds: $0) }),
            let expiresAt = spec["expiresAt"]?.stringValue.flatMap({ Date(formattedWithMicroseconds: $0) })
        else {
            throw .unreadable(
                reason: "its spec has no keyID, nonce, createdAt and expiresAt as this service writes them")
        }
        return StoredDeployToken(
            token: DeployToken(keyID: keyID, nonce: nonce, createdAt: createdAt, expiresAt: expiresAt),
            identity: uid, version: version)
    }
}
