import JSON

/// Reads a config document: all its mistakes, and a warning for each key that has no effect, each with its path.
///
/// It does not stop at the first mistake, so that the author can correct all of them at once. A `null` is read as an
/// absent key: generated clients send it for what they leave out.
struct ConfigReader {
    /// The most components of one tool.
    static let maximumComponents = 100
    /// The longest name of a component, in characters.
    static let maximumNameLength = 40
    /// The keys that name the version of the format, each with its only valid value.
    static let versions = ["config-version": "v0.1", "config_version": "v1beta1"]
    /// The most numbers whose text is not kept that get a warning each.
    private static let maximumNumberWarnings = 20

    /// Every mistake, in the order of the document.
    private(set) var problems: [ConfigProblem] = []
    /// A sentence for each thing that is stored but probably not what the author meant, with its path.
    private(set) var warnings: [String] = []
    private var components: [Component] = []
    private var source: String?
    private var declaredNames: [String] = []
    private var numbersThatChange = 0

    /// Reads the document.
    ///
    /// - Parameter url: where it was fetched from, if it was. Such a document leads nowhere else, so that it must have components.
    init(_ document: JSONValue, fetchedFrom url: String? = nil) {
        guard case .object(let root) = document else {
            report(.root, "the config must be a mapping with the key components, not \(document.kindDescription)")
            return
        }
        for (key, value) in root.members {
            switch key {
            case "components": readComponents(value)
            case "config-version", "config_version": readVersion(key, value)
            case "source_url", "source":
                if let url { warnOfSource(key, value, in: url) } else { readSource(key, value) }
            default: warn(key, value, in: .root, of: .root)
            }
        }
        let sources = url == nil ? ["source_url", "source"].filter { !root.isAbsent($0) } : []
        if sources.count > 1 { report(.root["source"], "stands beside source_url: give only one of the two") }
        if let key = sources.first, !root.isAbsent("components") {
            warnings.append("components: has no effect beside \(key): what is found there is deployed")
        }
        if root.isAbsent("components"), sources.isEmpty {
            let misplaced = root.members.filter { $0.value["build"] != nil }.map(\.key)
            let advice = misplaced.first.map { "; put \($0.quotedForMessage) under it" }
            let rule = "is required: a mapping from the name of each component to its build"
            reportMissing(ConfigPath.root["components"], rule, in: root, of: .root, advice: advice)
        }
        if !root.isAbsent("config-version"), !root.isAbsent("config_version") {
            report(.root["config_version"], "stands beside config-version: give only one of the two")
        }
        checkReuse()
        if numbersThatChange > Self.maximumNumberWarnings {
            let others = numbersThatChange - Self.maximumNumberWarnings
            warnings.append("\(others) more numbers do not keep their text: put them in quotes to keep it")
        }
    }

    /// What the document asks for, or `nil` if there are problems.
    var config: ToolConfig? {
        guard problems.isEmpty else { return nil }
        return ToolConfig(components: components.sorted { $0.name < $1.name }, source: source)
    }

    /// Reads `source_url`, or `source` with its `url`.
    private mutating func readSource(_ key: String, _ value: JSONValue) {
        guard value != .null else { return }
        let path = ConfigPath.root[key]
        guard key == "source" else {
            source = string(value, at: path, SourceURL.problem)
            return
        }
        guard let entries = mapping(value, at: path, with: "the key url") else { return }
        let repository = ["repository", "ref", "path"].filter { !entries.isAbsent($0) }
        guard repository.isEmpty else {
            report(
                path[repository[0]],
                "a config cannot be taken from a repository yet: give source.url, the URL of the file itself")
            return
        }
        for (key, value) in entries.members {
            if key == "url" {
                source = string(value, at: path[key], SourceURL.problem)
            } else {
                warn(key, value, in: path, of: .source)
            }
        }
        if entries.isAbsent("url") {
            reportMissing(path["url"], "is required: the URL of the file with the config", in: entries, of: .source)
        }
    }

    /// Warns of a source that a fetched config names; that it names itself is usual.
    private mutating func warnOfSource(_ key: String, _ value: JSONValue, in url: String) {
        guard value != .null, value != .string(url), value["url"] != .string(url) else { return }
        warnings.append("\(key): has no effect in a config that was fetched itself")
    }

    private mutating func readVersion(_ key: String, _ value: JSONValue) {
        guard value != .null else { return }
        let path = ConfigPath.root[key]
        let advice = "write config_version: v1beta1 or config-version: v0.1, or leave the key out"
        guard let version = value.stringValue else {
            report(path, "must be a string, not \(value.descriptionForMessage): \(advice)")
            return
        }
        if version != Self.versions[key] {
            report(path, "the version \(version.quotedForMessage) is not known: \(advice)")
        }
    }

    private mutating func readComponents(_ value: JSONValue) {
        guard value != .null else { return }
        let path = ConfigPath.root["components"]
        guard let entries = value.objectValue else {
            report(
                path,
                "must be a mapping from the name of each component to its build, not \(value.descriptionForMessage)")
            return
        }
        if entries.isEmpty { report(path, "must hold at least one component") }
        if entries.count > Self.maximumComponents {
            report(
                path,
                "holds \(entries.count) components; at most \(Self.maximumComponents) are allowed, and only the first "
                    + "\(Self.maximumComponents) were checked"
            )
        }
        declaredNames = entries.keys
        for (name, value) in entries.members.prefix(Self.maximumComponents) {
            readComponent(name, value, at: path[name])
        }
    }

    private mutating func readComponent(_ name: String, _ value: JSONValue, at path: ConfigPath) {
        checkName(name, at: path)
        guard let entries = mapping(value, at: path, with: "the key build") else { return }
        for (key, value) in entries.members {
            if key == "build" {
                if let source = readBuild(value, at: path[key]) {
                    components.append(Component(name: name, source: source))
                }
            } else {
                warn(key, value, in: path, of: .component)
            }
        }
        if entries.isAbsent("build") {
            let rule = "is required: a mapping with the key repository"
            reportMissing(path["build"], rule, in: entries, of: .component)
        }
    }

    private mutating func checkName(_ name: String, at path: ConfigPath) {
        func isValid(_ name: String) -> Bool {
            name.utf8.count <= Self.maximumNameLength && DNSLabel.isLabel(name)
        }
        guard !isValid(name) else { return }
        let rule =
            "a component's name must be 1 to \(Self.maximumNameLength) lower-case letters, digits and '-', "
            + "and begin and end with a letter or digit"
        let changed = String(name.lowercased().map { "_ .".contains($0) ? "-" : $0 })
        report(path, isValid(changed) ? "\(rule): write \(changed)" : rule)
    }

    private mutating func readBuild(_ value: JSONValue, at path: ConfigPath) -> ComponentSource? {
        guard value != .null, let entries = mapping(value, at: path, with: "the key repository") else { return nil }
        var repository: String?
        var ref: String?
        var target: String?
        for (key, value) in entries.members {
            switch key {
            case "repository": repository = string(value, at: path[key], RepositoryURL.problem)
            case "ref": ref = string(value, at: path[key], GitRef.problem)
            case "reuse_from": target = string(value, at: path[key]) { _ in nil }
            case "use_latest_versions", "use_deprecated_versions": checkFlag(value, at: path[key])
            case "envvars": checkVariables(value, at: path[key])
            default: warn(key, value, in: path, of: .build)
            }
        }
        if let page = repository.flatMap(RepositoryPage.init) {
            warnings.append("\(path["repository"].text): \(page.warning)")
        }
        if entries["use_latest_versions"] == true, entries["use_deprecated_versions"] == true {
            report(path["use_deprecated_versions"], "stands beside use_latest_versions: give only one of the two")
        }
        switch (!entries.isAbsent("repository"), !entries.isAbsent("reuse_from")) {
        case (true, true):
            report(path["reuse_from"], "stands beside repository: a component either builds or reuses, give only one")
            return nil
        case (false, false):
            let rule = "is required: the URL of the git repository to build (or give reuse_from)"
            reportMissing(path["repository"], rule, in: entries, of: .build)
            return nil
        case (true, false):
            return repository.map { .repository($0, ref: ref) }
        case (false, true):
            for key in ["ref", "use_latest_versions", "use_deprecated_versions", "envvars"]
            where !entries.isAbsent(key) && entries[key] != false {
                report(path[key], "has no meaning beside reuse_from: remove it")
            }
            return target.map { .reuse(of: $0) }
        }
    }

    private mutating func checkFlag(_ value: JSONValue, at path: ConfigPath) {
        guard value != .null, value.boolValue == nil else { return }
        report(path, "must be true or false, not \(value.descriptionForMessage)")
    }

    /// Checks the variables of a build; no message shows a value, which may be a secret.
    private mutating func checkVariables(_ value: JSONValue, at path: ConfigPath) {
        guard value != .null else { return }
        guard let variables = value.objectValue else {
            report(path, "must be a mapping from the names of variables to their values")
            return
        }
        if variables.count > EnvironmentVariable.maximumCount {
            report(
                path,
                "holds \(variables.count) variables; at most \(EnvironmentVariable.maximumCount) are allowed, and only the "
                    + "first \(EnvironmentVariable.maximumCount) were checked")
        }
        for (name, value) in variables.members.prefix(EnvironmentVariable.maximumCount) {
            if !EnvironmentVariable.isName(name) {
                report(
                    path[name],
                    "a variable's name must be at least 4 capital letters, digits and '_', begin with a letter and not end "
                        + "with '_'")
            }
            guard let text = value.stringValue else {
                report(path[name], "must be a string: put the value in quotes")
                continue
            }
            if let problem = EnvironmentVariable.problem(of: text) { report(path[name], problem) }
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
                // A component that is there but has mistakes of its own is reported by those.
                guard !declaredNames.contains(target) else { continue }
                let advice = target.nearest(of: declaredNames).map { " (did you mean \($0)?)" } ?? ""
                report(path, "there is no component \(target.quotedForMessage) in this config\(advice)")
            }
        }
    }

    private mutating func mapping(_ value: JSONValue, at path: ConfigPath, with key: String) -> JSONObject? {
        if let object = value.objectValue { return object }
        report(path, "must be a mapping with \(key), not \(value.descriptionForMessage)")
        return nil
    }

    /// The string, unless it is absent or has a problem, which is reported.
    private mutating func string(
        _ value: JSONValue, at path: ConfigPath, _ problem: (String) -> String?
    ) -> String? {
        guard value != .null else { return nil }
        guard let text = value.stringValue else {
            let advice = value.scalarText.map { ": put it in quotes, \"\($0)\"" } ?? ""
            report(path, "must be a string, not \(value.descriptionForMessage)\(advice)")
            return nil
        }
        if let problem = problem(text) {
            report(path, problem)
            return nil
        }
        return text
    }

    private mutating func report(_ path: ConfigPath, _ message: String) {
        problems.append(ConfigProblem(path: path.text, keys: path.keys, message: message))
    }

    /// Reports a required key that is absent, and names the unknown keys beside it: one of them is often the same key,
    /// misspelt.
    private mutating func reportMissing(
        _ path: ConfigPath, _ rule: String, in object: JSONObject, of keys: ConfigKeys, advice: String? = nil
    ) {
        let unknown = object.keys.filter { !keys.known.contains($0) && !keys.later.contains($0) }
        guard advice == nil, !unknown.isEmpty else {
            report(path, rule + (advice ?? ""))
            return
        }
        let named = unknown.prefix(3).map { key in
            key.quotedForMessage + (keys.advice(on: key).map { " (\($0))" } ?? "")
        }
        let rest = unknown.count > named.count ? " and \(unknown.count - named.count) more" : ""
        report(path, "\(rule); not known here: \(named.joined(separator: ", "))\(rest)")
    }

    /// Warns of a key that has no effect, and of numbers under it whose text is not kept.
    ///
    /// The sentences are true whether the document is stored, refused, or stored already.
    private mutating func warn(_ key: String, _ value: JSONValue, in parent: ConfigPath, of keys: ConfigKeys) {
        let path = parent[key]
        if !keys.later.contains(key) {
            let advice = keys.advice(on: key).map { " (\($0))" } ?? ""
            warnings.append("\(path.text): this key is not known\(advice), and has no effect")
        } else if value != .null {
            warnings.append("\(path.text): this version does not act on this key yet")
        }
        warnOfNumbers(in: value, at: path)
    }

    private mutating func warnOfNumbers(in value: JSONValue, at path: ConfigPath) {
        switch value {
        case .number(let number):
            guard number.storedText != number.written else { return }
            numbersThatChange += 1
            guard numbersThatChange <= Self.maximumNumberWarnings else { return }
            let written = number.written.prefix(40)
            warnings.append(
                "\(path.text): \(written) is a number, the same as \(number.storedText); put it in quotes to keep the text"
            )
        case .array(let elements):
            for (index, element) in elements.enumerated() { warnOfNumbers(in: element, at: path[index]) }
        case .object(let object):
            for (key, value) in object.members { warnOfNumbers(in: value, at: path[key]) }
        case .null, .bool, .string:
            break
        }
    }
}

/// One mistake in a config.
public struct ConfigProblem: Sendable, Hashable {
    /// Where, as `components.web.build.repository`; empty for the config as a whole.
    public var path: String
    /// The same place: the keys and indices that lead to it.
    public var keys: [String]
    /// What is wrong and what to do, in a sentence.
    public var message: String

    /// A mistake at a path.
    public init(path: String, keys: [String] = [], message: String) {
        self.path = path
        self.keys = keys
        self.message = message
    }
}

extension JSONObject {
    /// Whether there is no such key, or its value is `null`.
    fileprivate func isAbsent(_ key: String) -> Bool { (self[key] ?? .null) == .null }
}

extension JSONValue {
    /// The text of a number or a truth value, as the author wrote it, at most 80 characters of it.
    fileprivate var scalarText: String? {
        switch self {
        case .number(let number): String(number.written.prefix(80))
        case .bool(let value): String(value)
        case .null, .string, .array, .object: nil
        }
    }

    /// The kind of value, with its text where that is short.
    fileprivate var descriptionForMessage: String {
        switch self {
        case .number: "the number \(scalarText ?? "")"
        case .bool, .null: scalarText ?? kindDescription
        case .string, .array, .object: kindDescription
        }
    }
}
