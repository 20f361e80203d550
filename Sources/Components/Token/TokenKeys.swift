import Crypto
import Foundation

/// The keys that deploy tokens are derived with, each with its id.
///
/// The first makes new tokens. The others are kept for the tokens that were made with them, until the last of those is gone.
public struct TokenKeys: Sendable {
    /// The fewest bytes of a key: as many as the digest has.
    public static let minimumKeyLength = 32
    /// The longest id, in characters.
    public static let maximumIDLength = 40

    private let keys: [(id: String, key: SymmetricKey)]

    /// No keys: no token is made, and none is accepted.
    public static let none = TokenKeys(keys: [])

    private init(keys: [(id: String, key: SymmetricKey)]) { self.keys = keys }

    /// Reads a file of keys: on each line an id, white space, and the key in base64.
    ///
    /// Empty lines, and those that begin with a `#`, are for people.
    ///
    /// - Throws: `TokenKeysError`, which names the line, and never repeats a key.
    public init(parsing text: String) throws(TokenKeysError) {
        var keys: [(id: String, key: SymmetricKey)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let id = words.first, !id.hasPrefix("#") else { continue }
            func fault(_ reason: String) -> TokenKeysError { TokenKeysError(line: index + 1, reason: reason) }
            guard words.count == 2 else { throw fault("it must have two words: the key's id, and the key in base64") }
            guard Self.isID(id) else {
                throw fault(
                    "the key's id must be 1 to \(Self.maximumIDLength) letters, digits, dots, dashes and underscores")
            }
            guard !keys.contains(where: { $0.id == id }) else { throw fault("the id is that of an earlier line") }
            guard let bytes = Data(base64Encoded: String(words[1])), bytes.count >= Self.minimumKeyLength else {
                throw fault("the key must be at least \(Self.minimumKeyLength) bytes, in base64")
            }
            keys.append((String(id), SymmetricKey(data: bytes)))
        }
        guard !keys.isEmpty else { throw TokenKeysError(line: 1, reason: "the file must have at least one key") }
        self.init(keys: keys)
    }

    /// Whether `text` can be a key's id: fit for a label of a metric and for a field of an object.
    private static func isID(_ text: Substring) -> Bool {
        text.utf8.count <= maximumIDLength
            && text.wholeMatch(of: /[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?/) != nil
    }

    /// The ids of all keys, the one that makes new tokens first.
    public var ids: [String] { keys.map(\.id) }

    /// Whether there are none.
    public var isEmpty: Bool { keys.isEmpty }

    /// The token of these facts, as its holder sends it; `nil` if its key is not among these.
    ///
    /// HMAC-SHA-256 over tool, nonce and creation time, in the form of a UUID: version 4, because nobody without the key can
    /// tell it from a random one (RFC 9562, section 5.4).
    func text(of token: DeployToken, for tool: ToolName) -> TokenText? {
        guard let key = keys.first(where: { $0.id == token.keyID })?.key else { return nil }
        // No part can hold a newline, so no other parts make the same text.
        let facts = "deploy-token\n\(tool)\n\(token.nonce)\n\(token.createdAt.microsecondsSince1970)"
        var bytes = Array(HMAC<SHA256>.authenticationCode(for: Data(facts.utf8), using: key).prefix(TokenText.length))
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return TokenText(bytes: bytes)
    }
}

/// A file of keys that cannot be read.
public struct TokenKeysError: Error, Equatable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong with it.
    public let reason: String

    /// Line and reason.
    public var description: String { "line \(line): \(reason)" }
}

/// A deploy token as its holder sends it: a UUID.
///
/// It has no description: a token must not get into a log or a message by accident.
struct TokenText: Sendable {
    /// How many bytes it has.
    static let length = 16

    fileprivate let bytes: [UInt8]

    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads what somebody sent; `nil` if it does not have the form of a token.
    init?(_ text: String) {
        // Upper-case digits are those of the same UUID (RFC 9562, section 4).
        guard text.utf8.count == 36, let uuid = UUID(uuidString: text) else { return nil }
        bytes = withUnsafeBytes(of: uuid.uuid) { Array($0) }
    }

    /// The UUID in lower case.
    var uuid: String {
        // RFC 9562, section 4: groups of 4, 2, 2, 2 and 6 bytes.
        [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { bytes[$0].hexadecimal }.joined(separator: "-")
    }

    /// Whether both are the same token, in a time that does not depend on where they differ.
    func isSame(as other: TokenText) -> Bool {
        zip(bytes, other.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
