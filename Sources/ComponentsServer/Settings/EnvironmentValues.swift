import Configuration

/// The environment, read by variable: an absent or empty one has the default, and one that is not valid is an error.
struct EnvironmentValues {
    private let reader: ConfigReader

    init(_ environment: [String: String]) {
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
    }

    /// The text of a variable, or `nil` if it is absent or empty.
    func text(_ name: String) -> String? {
        // The provider joins a key's components by underscores, in upper case; this is the inverse.
        let key = ConfigKey(name.lowercased().split(separator: "_").map(String.init))
        return reader.string(forKey: key).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value that `read` makes of the text, or the default if the variable is absent.
    ///
    /// - Throws: `SettingsError` if `read` returns `nil`.
    func value<Value>(
        _ name: String, default fallback: Value, expected: String, _ read: (String) -> Value?
    ) throws(SettingsError) -> Value {
        guard let text = text(name) else { return fallback }
        guard let value = read(text) else { throw SettingsError(name: name, value: text, expected: expected) }
        return value
    }

    /// A whole number within a range.
    ///
    /// - Throws: `SettingsError` if the value is not one.
    func number(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(SettingsError) -> Int {
        try value(
            name, default: fallback, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)"
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }
}

/// A setting whose value is not valid.
///
/// Nothing starts with one.
struct SettingsError: Error, CustomStringConvertible {
    /// The setting's name.
    let name: String
    /// The value as it was given.
    let value: String
    /// What it should be.
    let expected: String

    var description: String { "\(name)=\(value) is not valid: \(expected) is expected" }
}
