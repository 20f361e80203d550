import Testing

@testable import FakeKubernetes

@Suite("A schema, read from its CRD")
struct SchemaReadingTests {
    @Test(
        arguments: [
            (["type": "string"], "openAPIV3Schema.type"),
            (["properties": [:]], "openAPIV3Schema.type"),
            (["type": "object", "properties": ["x": [:]]], "openAPIV3Schema.properties[x].type"),
            (["type": "object", "properties": ["x": ["type": "text"]]], "openAPIV3Schema.properties[x].type"),
            (["type": "object", "properties": ["x": ["type": "array"]]], "openAPIV3Schema.properties[x].items"),
            (["type": "object", "additionalProperties": ["type": "string"]], "openAPIV3Schema.additionalProperties"),
            (["type": "object", "oneOf": []], "openAPIV3Schema.oneOf"),
            (
                ["type": "object", "properties": ["x": ["type": "string", "pattern": "a(?=b)"]]],
                "openAPIV3Schema.properties[x].pattern"
            ),
            (
                ["type": "object", "properties": ["x": ["type": "string", "maxLength": -1]]],
                "openAPIV3Schema.properties[x].maxLength"
            ),
            (
                ["type": "object", "properties": ["x": ["type": "string", "enum": ["a"], "default": "b"]]],
                "openAPIV3Schema.properties[x].default"
            ),
            (
                ["type": "object", "x-kubernetes-validations": [["rule": "self.a > 1"]]],
                "openAPIV3Schema.x-kubernetes-validations[0].rule"
            ),
            (
                [
                    "type": "object",
                    "properties": [
                        "x": [
                            "type": "array",
                            "items": ["type": "string", "x-kubernetes-validations": [["rule": "self == oldSelf"]]],
                        ]
                    ],
                ], "openAPIV3Schema.properties[x].items.x-kubernetes-validations[0].rule"
            ),
        ] as [(Value, String)])
    func refuses(schema: Value, path: String) {
        #expect { try StructuralSchema(crdSchema: schema) } throws: { ($0 as? SchemaError)?.path == path }
    }

    @Test(arguments: [
        ("^(https?|git)://", "git://x", true), ("^(https?|git)://", " git://x", false),
        (#"^\d$"#, "٣", false), (#"^\w+$"#, "é", false), (#"^[\d.]+$"#, "1.2", true), (#"^\S+$"#, "a b", false),
        ("^a.c$", "a\rc", true), ("^a.c$", "a\nc", false), ("^a$", "a\n", false), (#"^\$$"#, "$", true),
        ("^[$]$", "$", true), ("^[[]$", "[", true), ("^[a&&b]$", "&", true), ("^(?:a|b)*?$", "abab", true),
        ("^(?P<n>a)$", "a", true), ("^[]a]$", "]", true), ("^[^]a]$", "b", true), ("^[[:alpha:]]$", "b", true),
    ])
    func readsPatternsAsRE2Does(pattern: String, text: String, matches: Bool) throws {
        #expect(try SchemaPattern(pattern).matches(text) == matches)
    }

    @Test(arguments: ["(?=a)", "(?!a)", "(?<=a)", "(?>a)", #"(a)\1"#, "a++", "a**", "(", "[a", #"a\"#, #"\k"#])
    func refusesPatternsThatRE2DoesNotKnow(pattern: String) {
        #expect(throws: SchemaPattern.Refusal.self) { try SchemaPattern(pattern) }
    }
}
