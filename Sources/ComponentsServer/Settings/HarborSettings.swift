import Foundation
import Harbor

/// Which image registry is asked, and as whom.
struct HarborSettings {
    /// Where it is.
    var address: HarborAddress
    /// Who asks; without them no projects are made.
    var credentials: HarborCredentials?
    /// A file of authorities that are trusted beside the system's.
    var authorities: String?

    /// - Returns: `nil` if no registry is named.
    /// - Throws: `SettingsError` for the first setting whose value is not valid.
    init?(_ values: EnvironmentValues) throws(SettingsError) {
        credentials = try Self.value(
            "HARBOR_CREDENTIALS_FILE", values,
            expected: "a file that can be read, with name:password in its first line"
        ) { file in
            (try? String(contentsOfFile: file, encoding: .utf8)).flatMap { HarborCredentials(parsing: $0) }
        }
        authorities = try Self.value("HARBOR_CA_FILE", values, expected: "a file that can be read") { file in
            FileManager.default.isReadableFile(atPath: file) ? file : nil
        }
        let address = try Self.value(
            "HARBOR_URL", values, expected: "https://HOST, with a port if it is not 443, and without a path"
        ) { HarborAddress($0) }
        guard let address else { return nil }
        self.address = address
    }

    /// - Returns: `nil` if the variable is absent.
    private static func value<Value>(
        _ name: String, _ values: EnvironmentValues, expected: String, _ read: (String) -> Value?
    ) throws(SettingsError) -> Value? {
        guard let text = values.text(name) else { return nil }
        guard let value = read(text) else {
            throw SettingsError(name: name, value: shown(text, of: name), expected: expected)
        }
        return value
    }

    /// The text without what may be a password: in a URL, or in the place of the name of a file.
    private static func shown(_ text: String, of name: String) -> String {
        if name == "HARBOR_CREDENTIALS_FILE", !text.hasPrefix("/") { return "•••" }
        return text.replacing(/\/\/.*@/, with: "//•••@")
    }
}
