import Components
import JSON
import OpenAPI

/// The config, as far as a schema can say its rules.
///
/// The rules themselves stand in `Components`, which knows two more: that what is reused exists and builds itself.
///
/// A rule about several keys is an `if`. Generators of clients make a type of each schema in a `oneOf` or a `not`, which
/// loses the other keys, has the same member twice, or stops them; they do not look into an `if`.
enum ConfigSchemas {
    /// All of them by name.
    static let all: [(name: String, schema: JSONValue)] = [
        ("StoredConfig", ["type": "object", "description": "The config as it was given."]),
        ("Config", config),
        ("ConfigComponents", components),
        ("Component", component),
        ("ComponentBuild", build),
        ("ComponentName", componentName),
    ]

    /// The schema of the config as a document of its own, in JSON Schema 2020-12: for editors and validators.
    static let document: [UInt8] = {
        let name = "Config"
        var document: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "The config of a tool for Toolforge's components API", "$ref": .string("#/$defs/\(name)"),
        ]
        let pieces = all.filter { $0.name != "StoredConfig" }.map { ($0.name, standingAlone($0.schema)) }
        document["$defs"] = .object(JSONObject(pieces))
        return JSONValue.object(document).serialized(.indented) + [UInt8(ascii: "\n")]
    }()

    /// A schema whose references lead to `$defs`, not to the pieces of an OpenAPI document.
    private static func standingAlone(_ schema: JSONValue) -> JSONValue {
        switch schema {
        case .array(let elements): .array(elements.map(standingAlone))
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { key, value in
                        guard key == "$ref", let name = value.stringValue?.split(separator: "/").last else {
                            return (key, standingAlone(value))
                        }
                        return (key, .string("#/$defs/\(name)"))
                    }))
        case .null, .bool, .number, .string: schema
        }
    }

    /// The smallest config: the one of the task that asked for it.
    static let minimalExample: JSONValue = [
        "config-version": "v0.1",
        "components": ["toolhunt-ui": ["build": ["repository": "https://github.com/wikimedia/toolhunt-ui"]]],
    ]

    /// A config of two components that share a build.
    static let reuseExample: JSONValue = [
        "config_version": "v1beta1",
        "components": [
            "web": ["build": ["repository": "https://gitlab.wikimedia.org/toolforge-repos/demo", "ref": "main"]],
            "worker": ["build": ["reuse_from": "web"]],
        ],
    ]

    /// `config_version` is no property of its own: to many generators of clients it is the same name as `config-version`.
    private static let config: JSONValue = [
        "type": "object",
        "if": ["required": ["config_version"], "properties": ["config_version": ["type": "string"]]],
        "then": .object(JSONObject([("properties", ["config-version": ["type": "null"]])] + contents)),
        "else": .object(JSONObject(contents)),
        "description": """
        Keys that are not known are kept, and warned about. `config_version` may stand in place of `config-version`. A `null` \
        is kept too, and read as if the key were absent. `components` is required, unless `source_url` or `source` names where \
        the config is.
        """,
        "properties": [
            "config-version": version("config-version"),
            "source_url": [
                "type": ["string", "null"], "maxLength": .number(JSONNumber(ConfigGrammar.maximumURLLength)),
                "pattern": .string(ConfigGrammar.sourcePattern),
                "description": """
                The URL of a file with the config, YAML or JSON, 256 KiB at most. Each deployment fetches it anew, and deploys \
                what it finds there.
                """,
            ],
            "source": [
                "type": ["object", "null"], "required": ["url"], "additionalProperties": true,
                "description": "The same, as `{url: …}`.",
                "properties": [
                    "url": [
                        "type": "string", "maxLength": .number(JSONNumber(ConfigGrammar.maximumURLLength)),
                        "pattern": .string(ConfigGrammar.sourcePattern),
                    ]
                ],
                // They are refused. A property that is always null is a type that generators of clients do not know.
                "patternProperties": ["^(repository|ref|path)$": ["type": "null"]],
            ],
            "components": ["anyOf": [.schema("ConfigComponents"), ["type": "null"]]],
        ],
        "patternProperties": ["^config_version$": version("config_version")],
        "additionalProperties": true,
    ]

    /// What a config must hold: one source, or components.
    private static let contents: [(String, JSONValue)] = [
        ("if", ["required": ["source_url"], "properties": ["source_url": ["type": "string"]]]),
        ("then", ["properties": ["source": ["type": "null"]]]),
        (
            "else",
            [
                "if": ["required": ["source"], "properties": ["source": ["type": "object"]]], "then": [:],
                "else": ["required": ["components"], "properties": ["components": ["type": "object"]]],
            ]
        ),
    ]

    private static func version(_ key: String) -> JSONValue {
        ["type": ["string", "null"], "enum": [ConfigGrammar.versions[key].map(JSONValue.string) ?? .null, .null]]
    }

    private static let components: JSONValue = [
        "type": "object", "description": "The components by name.", "minProperties": 1,
        "maxProperties": .number(JSONNumber(ConfigGrammar.maximumComponents)),
        "propertyNames": .schema("ComponentName"), "additionalProperties": .schema("Component"),
    ]

    private static let componentName: JSONValue = [
        "type": "string", "pattern": .string(ConfigGrammar.namePattern), "minLength": 1,
        "maxLength": .number(JSONNumber(ConfigGrammar.maximumNameLength)),
    ]

    private static let component: JSONValue = [
        "type": "object", "required": ["build"],
        "description": "`component_type` and `run` are kept; this version does not act on them yet.",
        "properties": ["build": .schema("ComponentBuild")],
        "additionalProperties": true,
    ]

    private static let build: JSONValue = [
        "type": "object",
        "description": """
        Either `repository`, which may have a `ref` and say what it is built with, or `reuse_from`.
        """,
        "if": ["required": ["repository"], "properties": ["repository": ["type": "string"]]],
        "then": [
            "properties": ["reuse_from": ["type": "null"]],
            "if": ["required": ["use_latest_versions"], "properties": ["use_latest_versions": ["const": true]]],
            "then": ["properties": ["use_deprecated_versions": ["enum": [false, nil]]]],
        ],
        "else": [
            "required": ["reuse_from"],
            "properties": [
                "reuse_from": ["type": "string"], "ref": ["type": "null"], "envvars": ["type": "null"],
                "use_latest_versions": ["enum": [false, nil]], "use_deprecated_versions": ["enum": [false, nil]],
            ],
        ],
        "properties": [
            "use_latest_versions": [
                "type": ["boolean", "null"], "description": "Whether the newest buildpacks build it.",
            ],
            "use_deprecated_versions": [
                "type": ["boolean", "null"], "description": "Whether buildpacks build it that are about to go.",
            ],
            "envvars": [
                "type": ["object", "null"],
                "maxProperties": .number(JSONNumber(EnvironmentVariable.maximumCount)),
                "propertyNames": ["type": "string", "pattern": .string(EnvironmentVariable.namePattern)],
                "additionalProperties": [
                    "type": "string", "maxLength": .number(JSONNumber(EnvironmentVariable.maximumValueLength)),
                    "pattern": #"^((?!\$\()[^\u0000])*$"#,
                ],
                "description": """
                Variables that the build sees. Whoever can read the config sees their values; no message repeats them.
                """,
            ],
            "repository": [
                "type": ["string", "null"], "maxLength": .number(JSONNumber(ConfigGrammar.maximumURLLength)),
                "pattern": .string(ConfigGrammar.repositoryPattern),
                "description": "An `http`, `https` or `git` URL without credentials.",
            ],
            "ref": [
                "type": ["string", "null"], "minLength": 1,
                "maxLength": .number(JSONNumber(ConfigGrammar.maximumRefLength)),
                "pattern": .string(ConfigGrammar.refPattern),
                "description": "A git ref name (git-check-ref-format) or a commit; `HEAD` if it is absent.",
            ],
            "reuse_from": [
                "type": ["string", "null"], "pattern": .string(ConfigGrammar.namePattern),
                "maxLength": .number(JSONNumber(ConfigGrammar.maximumNameLength)),
                "description": "The name of another component, which has a build of its own.",
            ],
        ],
        "additionalProperties": true,
    ]
}
