import Testing

@testable import FakeKubernetes

@Suite("A schema, pruning and defaulting")
struct SchemaPruningTests {
    static let schema: Value = [
        "type": "object",
        "properties": [
            "spec": [
                "type": "object",
                "properties": [
                    "name": ["type": "string", "default": "web"],
                    "note": ["type": "string"],
                    "maybe": ["type": "string", "nullable": true],
                    "list": ["type": "array", "items": ["type": "object", "properties": ["a": ["type": "string"]]]],
                    "free": [
                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                        "properties": ["known": ["type": "object", "properties": ["a": ["type": "string"]]]],
                    ],
                    "any": ["x-kubernetes-preserve-unknown-fields": true],
                    "map": ["type": "object", "additionalProperties": ["type": "object", "properties": [:]]],
                ],
            ]
        ],
    ]

    @Test func dropsWhatItDoesNotKnowAndTellsThePaths() throws {
        let schema = try StructuralSchema(crdSchema: Self.schema)
        let (pruned, unknown) = schema.prune([
            "apiVersion": "v1", "kind": "K", "metadata": ["name": "n", "odd": 1], "top": 1,
            "spec": [
                "name": "n", "x": ["y": 1], "list": [["a": "1"], ["a": "2", "b": 3]],
                "free": ["k": ["l": 1], "known": ["a": "1", "z": 1]], "any": [["k": 1]],
                "map": ["m": ["q": 1]],
            ],
        ])
        #expect(unknown == ["spec.free.known.z", "spec.list[1].b", "spec.map.m.q", "spec.x", "top"])
        #expect(
            pruned == [
                "apiVersion": "v1", "kind": "K", "metadata": ["name": "n", "odd": 1],
                "spec": [
                    "name": "n", "list": [["a": "1"], ["a": "2"]], "free": ["k": ["l": 1], "known": ["a": "1"]],
                    "any": [["k": 1]], "map": ["m": [:]],
                ],
            ])
    }

    @Test func dropsNullWhereNoneMayStandAndFillsInDefaults() throws {
        let schema = try StructuralSchema(crdSchema: Self.schema)
        #expect(
            schema.defaulting(["spec": ["name": .null, "note": .null, "maybe": .null, "any": ["k": .null]]])
                == ["spec": ["name": "web", "maybe": .null, "any": ["k": .null]]])
        #expect(schema.defaulting(["spec": [:]]) == ["spec": ["name": "web"]])
        #expect(schema.defaulting([:]) == [:])
    }

    @Test func keepsWhatTheServerKept() throws {
        let exchange = try RecordedExchange.named("create", in: "objects")
        let schema = try SchemaValidationTests.recordedSchema(of: "ToolConfig")
        let (pruned, unknown) = schema.prune(exchange.sent)
        #expect(unknown.isEmpty)
        #expect(schema.defaulting(pruned)["spec"] == exchange.body["spec"])
    }
}
