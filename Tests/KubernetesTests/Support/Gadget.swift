import JSON
import Kubernetes
import Logging

/// A kind of the tests' own.
struct Gadget: KubernetesResource, Equatable {
    static let definition = ResourceDefinition(
        group: "example.org", version: "v1", plural: "gadgets", kind: "Gadget")

    var metadata: ObjectMetadata
    var size: Int64

    init(_ name: String, size: Int64 = 1, resourceVersion: String? = nil) {
        metadata = ObjectMetadata(name: name, resourceVersion: resourceVersion)
        self.size = size
    }

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        guard let size = json["spec"]?["size"]?.intValue else {
            throw KubernetesError(.invalidResponse, "spec.size is no number")
        }
        self.size = size
    }

    var json: JSONValue { ["metadata": metadata.json, "spec": ["size": .number(JSONNumber(size))]] }

    /// The object as a server would give it.
    static func stored(_ name: String, size: Int64 = 1, version: String = "7") -> JSONValue {
        [
            "apiVersion": "example.org/v1", "kind": "Gadget",
            "metadata": [
                "name": .string(name), "namespace": "tool-demo", "uid": "u-1", "resourceVersion": .string(version),
                "creationTimestamp": "2026-11-22T10:15:00Z",
            ],
            "spec": ["size": .number(JSONNumber(size))],
        ]
    }
}

extension KubernetesClient {
    /// A client for that server, which trusts the tests' authority, for the time of `body`.
    static func with<Result>(
        _ server: ScriptedServer, deadline: Duration = .seconds(300), token: String? = "secret-1",
        tokenFile: String? = nil,
        authority: PEMSource? = nil, serverName: String? = nil, maximumRetries: Int = 3,
        observer: (any KubernetesObserver)? = nil, logger: Logger = Logger(label: "test"),
        isolation: isolated (any Actor)? = #isolation, _ body: (KubernetesClient) async throws -> Result
    ) async throws -> Result {
        let client = try KubernetesClient(
            configuration: KubernetesConfiguration(
                server: ServerAddress(url: server.url),
                certificateAuthority: authority ?? .bytes(try TestAuthority.trusted.get().certificate),
                tlsServerName: serverName, token: token.flatMap(BearerToken.init), tokenFile: tokenFile),
            options: KubernetesClientOptions(
                fieldManager: "tests", deadline: deadline,
                retryPolicy: RetryPolicy(maximumRetries: maximumRetries, firstDelay: .milliseconds(1))),
            logger: logger, observer: observer)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    var gadgets: ResourceClient<Gadget> { resources(Gadget.self, namespace: "tool-demo") }
}

/// The error that a call throws, or `nil` if it throws none.
func failure(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> some Any
) async -> KubernetesError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? KubernetesError
    }
}
