import Foundation
import Testing

@testable import FakeKubernetes

@Suite("Discovery")
struct DiscoveryTests {
    /// The server's own kinds and those of the recorded CRDs.
    static func definitions() throws -> [ResourceDefinition] {
        let crds = try RecordedExchange.all(of: "crd").filter { $0.status == 201 }
        return try ResourceDefinition.builtIn + crds.map { try ResourceDefinition(customResourceDefinition: $0.sent) }
    }

    static func answer(_ path: String, accept: String = "") throws -> Value {
        let discovery = Discovery(try definitions(), serverAddress: "127.0.0.1:26443")
        let answer = try #require(discovery.answer(at: path, accept: accept))
        #expect(answer.status == 200)
        return try Value(parsing: answer.body)
    }

    static func recorded(_ name: String) throws -> Value {
        try RecordedExchange.named(name, in: "discovery").body
    }

    static let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    @Test func tellsItsVersionWithTheRecordedFields() throws {
        let version = try Self.answer("/version")
        #expect(version.object?.keys == (try Self.recorded("/version")).object?.keys)
        #expect(version["gitVersion"] == (try Self.recorded("/version"))["gitVersion"])
    }

    @Test func answersAsRecorded() throws {
        #expect(try Self.answer("/api") == Self.recorded("/api"))
        let group = "/apis/deploy.toolforge.org"
        #expect(try Self.answer(group) == Self.recorded(group))
    }

    @Test func listsTheKindsOfAVersionAsRecorded() throws {
        let path = "/apis/deploy.toolforge.org/v1"
        var (answer, recorded) = (try Self.answer(path), try Self.recorded(path))
        let hashes = answer["resources"]?.array?.map { $0["storageVersionHash"]?.string?.count }
        #expect(hashes == recorded["resources"]?.array?.map { $0["storageVersionHash"]?.string?.count })
        for index in 0..<3 {
            answer.replaceElement(index, of: "resources") { $0["storageVersionHash"] = nil }
            recorded.replaceElement(index, of: "resources") { $0["storageVersionHash"] = nil }
        }
        #expect(answer == recorded)
    }

    @Test func hasTheGroupsThatItServes() throws {
        let groups = try Self.answer("/apis")["groups"]?.array ?? []
        let recorded = try Self.recorded("/apis")["groups"]?.array ?? []
        #expect(
            groups.compactMap { $0["name"]?.string } == [
                "apiextensions.k8s.io", "coordination.k8s.io", "deploy.toolforge.org", "tekton.dev",
            ])
        for group in groups where group["name"] != "tekton.dev" { #expect(recorded.contains(group)) }
    }

    @Test func tellsEverythingAtOnceAsRecorded() throws {
        let items = try Self.answer("/apis", accept: Self.aggregated)["items"]?.array ?? []
        let recorded = try Self.recorded("aggregated discovery as kubectl asks for it")["items"]?.array ?? []
        for item in items where item.at("metadata", "name") != "tekton.dev" {
            #expect(recorded.contains(item), "\(item.text)")
        }
        let tekton =
            items.first { $0.at("metadata", "name") == "tekton.dev" }?["versions"]?[0]?["resources"]?.array ?? []
        let real = recorded.first { $0.at("metadata", "name") == "tekton.dev" }?["versions"]?[0]?["resources"]?.array
        #expect(!tekton.isEmpty)
        for resource in tekton { #expect(real?.contains(resource) == true, "\(resource.text)") }

        let core = try Self.answer("/api", accept: Self.aggregated)["items"]?.array ?? []
        #expect(core.map { $0["metadata"] } == [[:]])
        let discovery = Discovery(try Self.definitions(), serverAddress: "")
        #expect(discovery.answer(at: "/apis", accept: Self.aggregated)?.contentType == Self.aggregated)
    }

    @Test(arguments: [
        "/nothing", "/apis/nothing", "/apis/tekton.dev/v9", "/openapi/v3/apis/x/v1", "/openapi/v2", "/apis//v1",
    ])
    func hasNothingElse(path: String) throws {
        #expect(Discovery(try Self.definitions(), serverAddress: "").answer(at: path, accept: "") == nil)
    }

    @Test(
        arguments: [
            ("", .json), ("*/*", .json), ("application/json", .json), ("application/json, */*", .json),
            ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", .table),
            ("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", .json),
            ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", .partialObjectMetadata),
            ("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json", .partialObjectMetadata),
            (
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json",
                .aggregatedDiscovery
            ),
            ("application/vnd.kubernetes.protobuf, application/json", .json),
            ("application/vnd.kubernetes.protobuf", nil), ("application/yaml", nil), ("application/json;as=Chair", nil),
        ] as [(String, ResponseFormat?)])
    func readsWhatClientsAccept(accept: String, format: ResponseFormat?) {
        #expect(ResponseFormat(accept: accept) == format)
    }

    // MARK: OpenAPI

    @Test func indexesDocumentsByTheirContent() throws {
        let paths = try #require(try Self.answer("/openapi/v3")["paths"]?.object)
        #expect(
            paths.keys == [
                "api/v1", "apis/apiextensions.k8s.io/v1", "apis/coordination.k8s.io/v1",
                "apis/deploy.toolforge.org/v1", "apis/tekton.dev/v1",
            ])
        var changed = try Self.definitions()
        changed[changed.count - 1].versions[0].schemaDocument = ["type": "object"]
        let other = try #require(Discovery(changed, serverAddress: "").answer(at: "/openapi/v3", accept: ""))
        let otherPaths = try #require(try Value(parsing: other.body)["paths"]?.object)
        for (path, entry) in paths {
            let hasChanged = path == "apis/deploy.toolforge.org/v1"
            #expect((otherPaths[path] != entry) == hasChanged)
            #expect(entry["serverRelativeURL"]?.string?.hasPrefix("/openapi/v3/\(path)?hash=") == true)
        }
    }

    /// What stands for people alone: descriptions, and the tags of operations.
    static func forPrograms(_ value: Value) -> Value {
        switch value {
        case .object(let members):
            .object(Members(members.filter { $0.key != "description" }.map { ($0.key, forPrograms($0.value)) }))
        case .array(let elements): .array(elements.map { forPrograms($0) })
        default: value
        }
    }

    @Test func describesTheKindsAsRecorded() throws {
        let mine = try Self.answer("/openapi/v3/apis/deploy.toolforge.org/v1")
        let real = try Self.recorded("the OpenAPI v3 document of one group")
        let prefix = "org.toolforge.deploy.v1."
        for kind in ["ToolConfig", "ToolConfigList", "ToolDeployment", "ToolDeploymentList"] {
            let schema = try #require(mine.at("components", "schemas", prefix + kind))
            #expect(
                try Self.forPrograms(schema)
                    == Self.forPrograms(#require(real.at("components", "schemas", prefix + kind))))
        }
        #expect(mine["paths"]?.object?.keys == real["paths"]?.object?.keys)
    }

    @Test func hasTheRecordedActionsAtEachPath() throws {
        let mine = try #require(try Self.answer("/openapi/v3/apis/deploy.toolforge.org/v1")["paths"]?.object)
        let real = try #require(try Self.recorded("the OpenAPI v3 document of one group")["paths"]?.object)
        for (path, item) in real {
            for (method, operation) in item.object ?? [:] where operation.object != nil {
                let own = try #require(mine[path]?[method], "\(method) \(path)")
                for key in ["x-kubernetes-action", "x-kubernetes-group-version-kind"] {
                    #expect(own[key] == operation[key])
                }
            }
            // kubectl looks here for what it may ask of a patch.
            let queries = item.at("patch", "parameters")?.array?.compactMap { $0["name"]?.string }
            #expect(mine[path]?.at("patch", "parameters")?.array?.compactMap { $0["name"]?.string } == queries)
        }
    }

    @Test func refersToNoSchemaThatIsNotThere() throws {
        for path in ["api/v1", "apis/tekton.dev/v1", "apis/deploy.toolforge.org/v1"] {
            let document = try Self.answer("/openapi/v3/\(path)")
            let names = try #require(document.at("components", "schemas")?.object?.keys)
            func check(_ value: Value) {
                if let reference = value["$ref"]?.string {
                    #expect(names.contains(String(reference.dropFirst("#/components/schemas/".count))))
                }
                for child in value.object?.values ?? value.array ?? [] { check(child) }
            }
            check(document)
        }
    }
}

extension Value {
    fileprivate mutating func replaceElement(_ index: Int, of key: String, _ change: (inout Value) -> Void) {
        guard var elements = self[key]?.array, elements.indices.contains(index) else { return }
        change(&elements[index])
        self[key] = .array(elements)
    }
}
