import JSON

/// Reads a config document: every mistake with its path, every key this version does not know or does not act on.
///
/// A total function of the document: it never stops at the first mistake, so that its author mends all of them at once.
struct ConfigReader {
    /// The most components of one tool.
    static let maximumComponents = 100
    /// The longest name of a component, in characters.
    static let maximumNameLength = 40

    /// The keys that say which version of the format this is, each with the one version it may name.
    static let versions = ["config-version": "v0.1", "config_version": "v1beta1"]
    /// Keys of newer formats that are stored but not acted on yet.
    private static let laterComponentKeys = ["component_type", "run"]
    private static let laterBuildKeys = ["use_latest_versions", "use_deprecated_versions"]

    /// Every mistake found, in the order of the document.
    private(set) var problems: [ConfigProblem] = []
    /// A sentence for each key that is kept but has no effect, with its path.
    private(set) var warnings: [String] = []
    private var components: [Component] = []
    private var declaredNames: [String] = []

    /// Reads the document.
    init(_ document: JSONValue) {
        guard case .object(let root) = document else {
            report(.root, "the config must be a mapping with the key components, not \(document.kindDescription)")
            return
        }
        for (key, value) in root.members {
            switch key {
            case "components": readComponents(value)
            case "config-version", "config_version": readVersion(key, value)
            default: warnUnknown(ConfigPath.root[key])
            }
        }
        if root["components"] == nil {
            report(.root["components"], "is required: a mapping from each component's name to its build")
        }
        if root["config-version"] != nil, root["config_version"] != nil {
            report(.root["config_version"], "stands beside config-version: give only one of the two")
        }
        checkReuse()
    }

    /// What the document asks for, or `nil` if there are problems.
    var config: ToolConfig? {
        guard problems.isEmpty else { return nil }
        return ToolConfig(components: components.sorted { $0.name < $1.name })
    }

    private mutating func readVersion(_ key: String, _ value: JSONValue) {
        let known = Self.versions.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        guard let version = value.stringValue else {
            report(.root[key], "must be a string, not \(value.kindDescription); known are \(known)")
            return
        }
        if version != Self.versions[key] {
            report(.root[key], "the version \(version.quotedForMessage) is not known; known are \(known)")
        }
    }

    private mutating func readComponents(_ value: JSONValue) {
        let path = ConfigPath.root["components"]
        guard let entries = mapping(value, at: path) else { return }
        if entries.isEmpty { report(path, "must hold at least one component") }
        if entries.count > Self.maximumComponents {
            report(path, "holds \(entries.count) components; at most \(Self.maximumComponents) are allowed")
        }
        declaredNames = entries.keys
        for (name, value) in entries.members { readComponent(name, value, at: path[name]) }
    }

    private mutating func readComponent(_ name: String, _ value: JSONValue, at path: ConfigPath) {
        if name.utf8.count > Self.maximumNameLength || !DNSLabel.isLabel(name) {
            report(
                path,
                "a component's name must be 1 to \(Self.maximumNameLength) lower-case letters, digits and '-', "
                    + "and begin and end with a letter or digit")
        }
        guard let entries = mapping(value, at: path) else { return }
        for (key, value) in entries.members {
            switch key {
            case "build":
                if let source = readBuild(value, at: path[key]) {
                    components.append(Component(name: name, source: source))
                }
            case let key where Self.laterComponentKeys.contains(key): warnLater(path[key])
            default: warnUnknown(path[key])
            }
        }
        if entries["build"] == nil { report(path["build"], "is required: a mapping with the key repository") }
    }

    private mutating func readBuild(_ value: JSONValue, at path: ConfigPath) -> ComponentSource? {
        guard let entries = mapping(value, at: path) else { return nil }
        var repository: String?
        var ref: String?
        var target: String?
        for (key, value) in entries.members {
            let path = path[key]
            switch key {
            case "repository": repository = string(value, at: path, RepositoryURL.problem)
            case "ref": ref = string(value, at: path, GitRef.problem)
            case "reuse_from": target = string(value, at: path) { _ in nil }
            case let key where Self.laterBuildKeys.contains(key): warnLater(path)
            default: warnUnknown(path)
            }
        }
        switch (entries["repository"] != nil, entries["reuse_from"] != nil) {
        case (true, true):
            report(path["reuse_from"], "stands beside repository: a component either builds or reuses, give only one")
            return nil
        case (false, false):
            report(path["repository"], "is required: the URL of the git repository to build (or give reuse_from)")
            return nil
        case (true, false):
            return repository.map { .repository($0, ref: ref) }
        case (false, true):
            if entries["ref"] != nil { report(path["ref"], "has no meaning beside reuse_from: remove it") }
            return target.map { .reuse(of: $0) }
        }
    }

    /// A reused component must exist and build itself, so that there is one image to take.
    private mutating func checkReuse() {
        var sources: [String: ComponentSource] = [:]
        for component in components { sources[component.name] = component.source }
        for component in components {
            guard case .reuse(let target) = component.source else { continue }
            let path = ConfigPath.root["components"][component.name]["build"]["reuse_from"]
            switch sources[target] {
            case .repository: continue
            case .reuse:
                report(path, "the component \(target.quotedForMessage) has no build of its own: name one that has")
            case nil:
                // One that is there but has mistakes of its own is reported by those.
                if !declaredNames.contains(target) {
                    report(path, "there is no component \(target.quotedForMessage) in this config")
                }
            }
        }
    }

    private mutating func mapping(_ value: JSONValue, at path: ConfigPath) -> JSONObject? {
        if let object = value.objectValue { return object }
        report(path, "must be a mapping, not \(value.kindDescription)")
        return nil
    }

    private mutating func string(
        _ value: JSONValue, at path: ConfigPath, _ problem: (String) -> String?
    ) -> String? {
        guard let text = value.stringValue else {
            report(path, "must be a string, not \(value.kindDescription)")
            return nil
        }
        if let problem = problem(text) {
            report(path, problem)
            return nil
        }
        return text
    }

    private mutating func report(_ path: ConfigPath, _ message: String) {
        problems.append(ConfigProblem(path: path.text, message: message))
    }

    private mutating func warnUnknown(_ path: ConfigPath) {
        warnings.append("\(path.text): this key is not known; it is stored but has no effect")
    }

    private mutating func warnLater(_ path: ConfigPath) {
        warnings.append("\(path.text): this version stores this key but does not act on it yet")
    }
}
