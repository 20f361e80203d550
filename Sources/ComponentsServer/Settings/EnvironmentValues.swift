import Configuration

/// The environment, read value by value: an absent or empty one is the default, a wrong one is an error that names it.
struct EnvironmentValues {
    private let reader: ConfigReader

    init(_ environment: [String: String]) {
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
    }

    /// The text of a variable, or `nil` if it is absent or empty.
    func text(_ name: String) -> String? {
        // The provider looks for a key's components in upper case, joined by underscores: this is the way back.
        let key = ConfigKey(name.lowercased().split(separator: "_").map(String.init))
        return reader.string(forKey: key).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What a text is read as, or the default if it is absent.
    func value<Value>(
        _ name: String, default fallback: Value, expected: String, _ read: (String) -> Value?
    ) throws(SettingsError) -> Value {
        guard let text = text(name) else { return fallback }
        guard let value = read(text) else { throw SettingsError(name: name, value: text, expected: expected) }
        return value
    }

    /// A whole number within a range.
    func number(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(SettingsError) -> Int {
        try value(
            name, default: fallback, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)"
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }
}
