/// A setting with a value that cannot be meant; nothing is started with it.
struct SettingsError: Error, CustomStringConvertible {
    /// The setting's name.
    let name: String
    /// The value as it was given.
    let value: String
    /// What it should be.
    let expected: String

    var description: String { "\(name)=\(value) is not valid: \(expected) is expected" }
}
