import Testing

@testable import FakeKubernetes

@Suite("A schema, validating")
struct SchemaValidationTests {
    // MARK: As recorded

    /// The schema that the recorded server was given for a kind.
    static func recordedSchema(of kind: String) throws -> StructuralSchema {
        let crd = try #require(
            try RecordedExchange.all(of: "crd").first { $0.sent.at("spec", "names", "kind")?.string == kind })
        let version = try #require(crd.sent.at("spec", "versions")?[0])
        return try StructuralSchema(crdSchema: try #require(version.at("schema", "openAPIV3Schema")))
    }

    static func expect(_ errors: [FieldError], matches exchange: RecordedExchange) throws {
        let causes = errors.map { error -> Value in
            [
                "reason": .string(error.reason.rawValue), "message": .string(error.message),
                "field": .string(error.field),
            ]
        }
        #expect(exchange.body.at("details", "causes") == .array(causes))
        let message = try #require(exchange.body["message"]?.string)
        #expect(message.hasSuffix("is invalid: " + FieldError.text(of: errors)))
    }

    @Test(arguments: [
        "the schema refuses: several causes", "the schema refuses: nothing in components", "wrong type",
    ])
    func refusesAsRecorded(name: String) throws {
        let exchange = try RecordedExchange.named(name, in: "refusals")
        let schema = try Self.recordedSchema(of: "ToolConfig")
        try Self.expect(schema.validate(exchange.sent, old: nil), matches: exchange)
    }

    @Test func tellsThatRulesWereNotCheckedAsRecorded() throws {
        let exchange = try RecordedExchange.named("a status that the schema does not know", in: "status")
        let schema = try Self.recordedSchema(of: "ToolDeployment")
        let old: Value = ["spec": ["components": ["web"]], "status": ["phase": "succeeded"]]
        let new: Value = ["spec": ["components": ["web"]], "status": ["phase": "nonsense"]]
        try Self.expect(schema.validate(new, old: old), matches: exchange)
    }

    @Test func refusesAChangedSpecAsRecorded() throws {
        let exchange = try RecordedExchange.named(
            "replace the object: its status is not touched; the spec may not change (CEL)", in: "status")
        let schema = try Self.recordedSchema(of: "ToolDeployment")
        let old: Value = ["spec": ["components": ["web"]]]
        try Self.expect(schema.validate(exchange.sent, old: old), matches: exchange)
    }

    @Test func acceptsEveryObjectThatTheServerAccepted() throws {
        var count = 0
        for topic in ["objects", "status", "refusals"] {
            for exchange in try RecordedExchange.all(of: topic) where exchange.status == 201 {
                guard let kind = exchange.sent["kind"]?.string, kind.hasPrefix("Tool") else { continue }
                let schema = try Self.recordedSchema(of: kind)
                let (object, _) = schema.prune(exchange.sent)
                #expect(schema.validate(schema.defaulting(object), old: nil).isEmpty, "\(exchange)")
                count += 1
            }
        }
        #expect(count >= 6)
    }

    // MARK: One keyword each

    static func messages(_ schema: Value, _ value: Value, old: Value? = nil) throws -> [String] {
        let schema = try StructuralSchema(crdSchema: ["type": "object", "properties": ["x": schema]])
        return schema.validate(["x": value], old: old.map { ["x": $0] }).map(\.description)
    }

    @Test(
        arguments: [
            (["type": "string", "maxLength": 2], "abc", "x: Too long: may not be more than 2 bytes"),
            (
                ["type": "string", "minLength": 1], "",
                #"x: Invalid value: "": x in body should be at least 1 chars long"#
            ),
            (
                ["type": "string", "pattern": "^a$"], "a\n",
                #"x: Invalid value: "a\n": x in body should match '^a$'"#
            ),
            (
                ["type": "string", "enum": ["a", "b"]], "c",
                #"x: Unsupported value: "c": supported values: "a", "b""#
            ),
            (
                ["type": "integer", "enum": [1, 2]], 3,
                #"x: Unsupported value: 3: supported values: "1", "2""#
            ),
            (
                ["type": "integer", "minimum": 1], 0,
                "x: Invalid value: 0: x in body should be greater than or equal to 1"
            ),
            (
                ["type": "integer", "maximum": 5, "exclusiveMaximum": true], 5,
                "x: Invalid value: 5: x in body should be less than 5"
            ),
            (
                ["type": "integer"], .double(1.5),
                #"x: Invalid value: "number": x in body must be of type integer: "number""#
            ),
            (
                ["type": "boolean"], "true",
                #"x: Invalid value: "string": x in body must be of type boolean: "string""#
            ),
            (
                ["type": "array", "items": ["type": "string"], "minItems": 1], [],
                "x: Invalid value: 0: x in body should have at least 1 items"
            ),
            (
                ["type": "array", "items": ["type": "string"], "maxItems": 1], ["a", "b"],
                "x: Too many: 2: must have at most 1 items"
            ),
            (
                ["type": "array", "items": ["type": "string"]], ["a", 1],
                #"x[1]: Invalid value: "integer": x[1] in body must be of type string: "integer""#
            ),
            (
                ["type": "object", "additionalProperties": ["type": "string"], "maxProperties": 1], ["a": "", "b": ""],
                "x: Too many: 2: must have at most 1 items"
            ),
            (
                ["x-kubernetes-int-or-string": true], true,
                #"x: Invalid value: "boolean": x in body must be of type integer,string: "boolean""#
            ),
            (
                ["type": "string"], .null,
                #"x: Invalid value: "null": x in body must be of type string: "null""#
            ),
            (
                ["type": "string", "format": "date-time"], "today",
                #"x: Invalid value: "today": x in body must be of type date-time: "today""#
            ),
        ] as [(Value, Value, String)])
    func refuses(schema: Value, value: Value, message: String) throws {
        #expect(try Self.messages(schema, value) == [message])
    }

    @Test(
        arguments: [
            (["type": "string", "nullable": true], .null),
            (["type": "string", "maxLength": 1], "é"),
            (["type": "number"], 1),
            (["type": "integer"], .double(1e22)),
            (["x-kubernetes-int-or-string": true], "5"),
            (["x-kubernetes-preserve-unknown-fields": true], ["a": [1, "b"]]),
            (["type": "string", "format": "date-time"], "2026-11-22T09:04:14Z"),
            (["type": "string", "pattern": "b+"], "abc"),
        ] as [(Value, Value)])
    func accepts(schema: Value, value: Value) throws {
        #expect(try Self.messages(schema, value) == [])
    }

    @Test func countsCharactersAndNotBytes() throws {
        #expect(try Self.messages(["type": "string", "maxLength": 3], "äöü") == [])
        #expect(try Self.messages(["type": "string", "maxLength": 3], "äöüß").count == 1)
    }

    // MARK: Updates

    @Test func doesNotHoldAgainstAnUpdateWhatItLeftAlone() throws {
        let schema = try StructuralSchema(crdSchema: [
            "type": "object",
            "properties": ["a": ["type": "string", "maxLength": 1], "b": ["type": "string", "maxLength": 1]],
        ])
        let old: Value = ["a": "long", "b": "x"]
        #expect(schema.validate(["a": "long", "b": "y"], old: old).isEmpty)
        #expect(schema.validate(["a": "longer", "b": "x"], old: old).map(\.field) == ["a"])
    }

    static let immutable: Value = [
        "type": "string", "x-kubernetes-validations": [["rule": "self == oldSelf"]],
    ]

    @Test func checksATransitionOnlyWhereThereWasAValueAndIsOne() throws {
        #expect(try Self.messages(Self.immutable, "b") == [])
        #expect(try Self.messages(Self.immutable, "a", old: "a") == [])
        #expect(
            try Self.messages(Self.immutable, "b", old: "a") == [
                #"x: Invalid value: "b": failed rule: self == oldSelf"#
            ])
        let schema = try StructuralSchema(crdSchema: ["type": "object", "properties": ["x": Self.immutable]])
        #expect(schema.validate(["x": "b"], old: [:]).isEmpty)
        #expect(schema.validate([:], old: ["x": "b"]).isEmpty)
    }

    @Test func leavesTypeAndMetadataToTheServer() throws {
        let schema = try StructuralSchema(crdSchema: [
            "type": "object", "required": ["metadata", "spec"],
            "properties": ["metadata": ["type": "object"], "spec": ["type": "object"]],
        ])
        #expect(schema.validate(["apiVersion": 1, "metadata": 1, "spec": [:]], old: nil).isEmpty)
        #expect(schema.validate(["apiVersion": 1], old: nil).map(\.description) == ["spec: Required value"])
    }
}
