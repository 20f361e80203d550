import Foundation
import JSON

/// A bearer token: whoever has it acts as its owner.
///
/// Nothing that prints, logs or reflects shows it.
public struct BearerToken: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The token itself, for the header that carries it and for nothing else.
    let secret: String
    /// When it expires, if it is a JWT (RFC 7519) that says so.
    ///
    /// The signature is the server's to check: this is only a hint when to look for the next one.
    let expiry: Date?

    /// A token; `nil` if nothing is left of it without white space at the ends, or if it holds what cannot stand in a
    /// header.
    public init?(_ text: String) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        secret = trimmed
        expiry = Self.expiry(of: trimmed)
    }

    private static func expiry(of secret: String) -> Date? {
        let parts = secret.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var payload = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        payload += String(repeating: "=", count: (4 - payload.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: String(payload)),
            let claims = try? JSONValue(parsing: [UInt8](data), limits: .trusted),
            case .number(let expiry)? = claims["exp"], let seconds = expiry.double
        else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }

    /// Says only that there is one.
    public var description: String { "<token>" }
    /// Says only that there is one.
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
