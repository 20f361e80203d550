/// A variable that a build sees.
///
/// Its value may be a secret, so that no description shows it.
public struct EnvironmentVariable: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The most variables of one build.
    public static let maximumCount = 50
    /// The longest value, in bytes.
    public static let maximumValueLength = 4_096
    /// What a name looks like: a regular expression of ECMA-262, as JSON Schema wants them.
    public static let namePattern = "^[A-Z][A-Z_0-9]{2,}[A-Z0-9]$"

    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A variable.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The name alone.
    public var description: String { "\(name)=•••" }
    /// The name alone.
    public var debugDescription: String { description }
    /// The name alone.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }

    /// Whether a name is one: what `namePattern` says, without a regular expression, which would be compiled for each of a
    /// config's thousands of names.
    static func isName(_ name: String) -> Bool {
        let isCapital = { (byte: UInt8) in (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
        let underscore = UInt8(ascii: "_")
        guard name.utf8.count >= 4, let first = name.utf8.first, isCapital(first), name.utf8.last != underscore else {
            return false
        }
        return name.utf8.allSatisfy { isCapital($0) || DNSLabel.isDigit($0) || $0 == underscore }
    }

    /// What is wrong with a value, which the sentence does not show; `nil` if nothing is.
    static func problem(of value: String) -> String? {
        if value.utf8.count > maximumValueLength {
            return "is \(value.utf8.count) bytes long; at most \(maximumValueLength) are allowed"
        }
        if value.utf8.contains(0) { return "must not hold NUL" }
        // Tekton puts its own values in where it finds this.
        if value.contains("$(") { return "must not hold $( , which the cluster would replace" }
        return nil
    }
}
