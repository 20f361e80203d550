import Foundation

/// The name and the password of an account of the registry.
///
/// No description shows them.
public struct HarborCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value of `Authorization` (RFC 7617).
    let authorization: String

    /// The credentials in a file's text: its first line is `name:password`; `nil` if it is not.
    public init?(parsing text: String) {
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex, line.index(after: colon) != line.endIndex
        else { return nil }
        authorization = "Basic \(Data(line.utf8).base64EncodedString())"
    }

    /// Nothing of them.
    public var description: String { "•••" }

    /// Nothing of them.
    public var debugDescription: String { description }

    /// Nothing of them.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
