import Foundation
import Testing

@testable import FakeKubernetes

@Suite("Objects as tables and metadata")
struct DiscoveryTableTests {
    /// The items of the recorded first page of two, whole.
    static func page() throws -> (items: [Value], metadata: ListMetadata) {
        let body = try RecordedExchange.named("first page of two", in: "lists").body
        let metadata = try #require(body["metadata"])
        return (
            body["items"]?.array ?? [],
            ListMetadata(
                resourceVersion: metadata["resourceVersion"]?.string ?? "",
                continuation: metadata["continue"]?.string ?? "",
                remaining: metadata["remainingItemCount"]?.int.map { Int($0) })
        )
    }

    static func table(of plural: String) throws -> Table {
        let definition = try #require(try DiscoveryTests.definitions().first { $0.plural == plural })
        return Table(definition, version: definition.versions[0])
    }

    @Test func isATableAsRecorded() throws {
        let page = try Self.page()
        let now = try Date.ISO8601FormatStyle().parse("2026-11-22T09:04:06Z")
        let table = try Self.table(of: "tooldeployments").value(of: page.items, metadata: page.metadata, now: now)
        #expect(table == (try RecordedExchange.named("as a table, as kubectl asks for it", in: "lists").body))
    }

    @Test func isMetadataAloneAsRecorded() throws {
        let page = try Self.page()
        #expect(
            PartialObjectMetadata.list(page.items, metadata: page.metadata)
                == (try RecordedExchange.named("metadata only", in: "lists").body))
        let all = try RecordedExchange.named("all", in: "lists").body["items"]?.array ?? []
        let one = try #require(all.first { $0.at("metadata", "name") == "l1" })
        #expect(
            PartialObjectMetadata.object(one)
                == (try RecordedExchange.named("one object, metadata only", in: "lists").body))
    }

    @Test func showsTheStateOfABuild() throws {
        let run = try RecordedExchange.named("succeeded", in: "pipelineruns").body
        let now = try Date.ISO8601FormatStyle().parse("2026-11-22T09:05:15Z")
        let table = try Self.table(of: "pipelineruns").value(
            of: [run], metadata: ListMetadata(resourceVersion: "1"), including: .none, now: now)
        #expect(
            table["rows"] == [["cells": ["demo-buildpacks-pipelinerun-ok", "True", "Succeeded", "61s", "60s"]]])
    }

    @Test func leavesOutTheColumnsAndCarriesWholeObjectsIfAsked() throws {
        let object: Value = ["metadata": ["name": "a"], "status": ["phase": "Active"]]
        let table = try Self.table(of: "namespaces").value(
            of: [object], metadata: ListMetadata(resourceVersion: "1"), including: .object, now: .now, hasColumns: false
        )
        #expect(table["columnDefinitions"] == .null)
        #expect(table["rows"] == [["cells": ["a", "Active", .null], "object": object]])
    }

    @Test func fitsCellsToTheTypesOfTheirColumns() throws {
        var definition = try #require(ResourceDefinition.builtIn.last)
        definition.versions[0].printerColumns = [
            ("string", ".i"), ("integer", ".d"), ("integer", ".s"), ("boolean", ".b"), ("number", ".d"), ("date", ".s"),
            ("string", ".o"), ("string", "what?"), ("date", ".none"),
        ].map { ["name": "x", "type": .string($0.0), "jsonPath": .string($0.1)] }
        let object: Value = [
            "metadata": ["name": "a"], "i": 5, "d": .double(2.5), "s": "text", "b": true, "o": ["k": [1]],
        ]
        let table = Table(definition, version: definition.versions[0])
            .value(of: [object], metadata: ListMetadata(resourceVersion: "1"), including: .none, now: .now)
        #expect(
            table["rows"]?[0]?["cells"] == [
                "a", "5", 2, .null, true, .double(2.5), "<invalid>", #"{"k":[1]}"#, .null, .null,
            ])
    }

    @Test(arguments: [
        (".a.b", #"[1]"#), (".a", #"[{"b":1,"c.d":2}]"#), (".a['c.d']", "[2]"), (#".a.c\.d"#, "[2]"),
        (".l[1]", #"["y"]"#),
        (".l[-1]", #"["y"]"#), (".l[*]", #"["x","y"]"#), (".l[2]", "[]"), (".x.y", "[]"), ("{.a.b}", "[1]"),
        ("$.a.b", "[1]"),
        (#".m[?(@.type=="B")].v"#, "[2]"), (#".m[?(@.type == 'A')].v"#, "[1]"), (#".m[?(@.v==2)].type"#, #"["B"]"#),
        (#".m[?(@.type=="C")].v"#, "[]"),
    ])
    func findsByPath(path: String, found: String) throws {
        let root: Value = [
            "a": ["b": 1, "c.d": 2], "l": ["x", "y"], "m": [["type": "A", "v": 1], ["type": "B", "v": 2]],
        ]
        #expect(Value.array(try #require(JSONPath(path)).values(in: root)).text == found)
    }

    @Test(arguments: ["a", "..a", ".a[", ".a[x]", ".a[?(@.b>1)]", ".a.", "{.a"])
    func refusesOtherPaths(path: String) { #expect(JSONPath(path) == nil) }

    @Test(arguments: [
        (0, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"),
        (11_000, "3h3m"), (30_000, "8h"), (172_800, "2d"), (180_000, "2d2h"), (864_000, "10d"), (70_000_000, "2y80d"),
        (400_000_000, "12y"), (-5, "<invalid>"),
    ])
    func tellsAges(seconds: Int, text: String) {
        let now = Date(timeIntervalSince1970: 2_000_000_000)
        #expect(Age.text(since: now.addingTimeInterval(-Double(seconds)), now: now) == text)
    }
}
