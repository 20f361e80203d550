import Crypto
public import JSON

/// What a component's build is made with, besides its source.
public struct BuildOptions: Sendable, Hashable {
    /// Which versions of the buildpacks build it.
    public enum Versions: String, Sendable, CaseIterable {
        /// Those that builds have unless they ask for others.
        case current
        /// The newest there are.
        case latest
        /// Those that are about to go.
        case deprecated
    }

    /// Which versions build it.
    public var versions: Versions
    /// The variables that the build sees, in the order of the config.
    public var environment: [EnvironmentVariable]

    /// Options; the defaults ask for nothing.
    public init(versions: Versions = .current, environment: [EnvironmentVariable] = []) {
        self.versions = versions
        self.environment = environment
    }

    /// The options of a component in a config whose rules have been checked: what does not fit them is left out.
    public init(of component: String, in config: JSONValue) {
        self.init(build: config["components"]?[component]?["build"])
    }

    /// The options in the value of a component's `build`.
    init(build: JSONValue?) {
        let isLatest = build?["use_latest_versions"] == .bool(true)
        let isDeprecated = build?["use_deprecated_versions"] == .bool(true)
        let variables = build?["envvars"]?.objectValue?.members ?? []
        self.init(
            versions: isLatest ? .latest : isDeprecated ? .deprecated : .current,
            environment: variables.compactMap { name, value in
                value.stringValue.map { EnvironmentVariable(name: name, value: $0) }
            })
    }

    /// The same for the same variables in any order, and empty without any: 64 hexadecimal digits of a SHA-256.
    ///
    /// It stands where the values would be too much, or shown to more than need them.
    public var fingerprint: String {
        guard !environment.isEmpty else { return "" }
        var hash = SHA256()
        // No name holds '=', and no value a NUL.
        for variable in environment.sorted(by: { $0.name < $1.name }) {
            hash.update(data: Array("\(variable.name)=\(variable.value)\0".utf8))
        }
        return hash.finalize().hexadecimal
    }

    /// A text without the values of the variables, which may be secrets: for what others say of the build.
    ///
    /// Values of fewer than four bytes stay: they are in every text.
    public func concealed(_ text: String) -> String {
        let values = environment.map(\.value).filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
        return values.reduce(text) { $0.replacing($1, with: "•••") }
    }
}
