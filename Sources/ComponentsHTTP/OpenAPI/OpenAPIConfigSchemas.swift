import JSON

/// The config, as far as a schema can say its rules.
///
/// The rules themselves stand in `Components`, which knows two more: that what is reused exists and builds itself.
enum OpenAPIConfigSchemas {
    /// All of them by name.
    static let all: [(String, JSONValue)] = [
        ("StoredConfig", ["type": "object", "description": "The config as it was given."]),
        ("Config", config),
        ("Component", component),
        ("ComponentBuild", build),
        ("ComponentName", componentName),
    ]

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

    private static let config: JSONValue = [
        "type": "object", "required": ["components"], "not": ["required": ["config-version", "config_version"]],
        "description": "Keys that are not known are kept, and warned about.",
        "properties": [
            "config-version": ["const": "v0.1"],
            "config_version": ["const": "v1beta1"],
            "components": [
                "type": "object", "minProperties": 1, "maxProperties": 100,
                "propertyNames": .reference("schemas/ComponentName"),
                "additionalProperties": .reference("schemas/Component"),
            ],
        ],
        "additionalProperties": true,
    ]

    private static let componentName: JSONValue = [
        "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "minLength": 1, "maxLength": 40,
    ]

    private static let component: JSONValue = [
        "type": "object", "required": ["build"],
        "properties": [
            "build": .reference("schemas/ComponentBuild"),
            "component_type": ["description": "Kept; this version does not act on it yet."],
            "run": ["description": "Kept; this version does not act on it yet."],
        ],
        "additionalProperties": true,
    ]

    private static let build: JSONValue = [
        "type": "object",
        "description": "Either `repository`, which may have a `ref`, or `reuse_from`.",
        "oneOf": [
            ["required": ["repository"], "not": ["required": ["reuse_from"]]],
            ["required": ["reuse_from"], "not": ["anyOf": [["required": ["repository"]], ["required": ["ref"]]]]],
        ],
        "properties": [
            "repository": [
                "type": "string", "maxLength": 2048, "pattern": .string(repositoryPattern),
                "description": "An `http`, `https` or `git` URL without credentials.",
            ],
            "ref": [
                "type": "string", "minLength": 1, "maxLength": 1024, "pattern": .string(refPattern),
                "description": "A git ref name (git-check-ref-format) or a commit; `HEAD` if it is absent.",
            ],
            "reuse_from": .reference("schemas/ComponentName"),
            "use_latest_versions": ["description": "Kept; this version does not act on it yet."],
            "use_deprecated_versions": ["description": "Kept; this version does not act on it yet."],
        ],
        "additionalProperties": true,
    ]

    /// Scheme, host (a name, an IPv4 address or an IPv6 address in brackets), port, and what follows: printable ASCII
    /// without what RFC 3986 keeps out, `%` only before two hexadecimal digits, no fragment, no user information.
    private static let repositoryPattern: String = {
        let label = "[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
        let host = #"(\#(label)(\.\#(label))*\.?|\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\])"#
        let port = "0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
        let rest = #"[/?]([-A-Za-z0-9._~!$&'()*+,;=:@/?\[\]]|%[0-9A-Fa-f]{2})*"#
        return "^(https?|git)://\(host)(:\(port))?(\(rest))?$"
    }()

    /// Negative look-ahead for each thing that a ref name must not contain or be, then what it is made of.
    private static let refPattern =
        #"^(?!-)(?!/)(?!\.)(?!@$)(?!.*(?:\.\.|@\{|//|/\.|\.lock/))(?!.*(?:/|\.|\.lock)$)[^\u0000-\u0020\u007F~^:?*\[\\]+$"#
}
