/// The rules for `build.ref`: a name that `git check-ref-format --allow-onelevel` accepts (git's documentation of that
/// command lists them), or a commit's SHA, which fits them too.
///
/// It must not begin with `-` either, so that no tool can take it for an option. Checked as bytes, as git does: a
/// combining mark behind a dot would hide it from a comparison of Swift's characters.
enum GitRef {
    /// The longest ref, in bytes; git keeps refs as paths.
    static let maximumLength = 1_024

    /// What is wrong with it, or `nil`.
    static func problem(_ ref: String) -> String? {
        let bytes = Array(ref.utf8)
        guard !bytes.isEmpty else { return "is empty; leave the key out to build the repository's HEAD" }
        guard bytes.count <= maximumLength else { return "is longer than \(maximumLength) bytes" }
        if bytes.first == UInt8(ascii: "-") { return "must not begin with '-'" }
        if bytes == [UInt8(ascii: "@")] { return "must not be '@' alone; leave the key out to build HEAD" }
        if holds("..", in: bytes) { return "must not hold '..'" }
        if holds("@{", in: bytes) { return "must not hold '@{'" }
        if bytes.last == UInt8(ascii: ".") { return "must not end with '.'" }
        if bytes.contains(where: isForbidden) {
            return "must not hold spaces, control characters or any of ~ ^ : ? * [ \\"
        }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.contains(where: \.isEmpty) { return "must not begin or end with '/', nor hold '//'" }
        if parts.contains(where: { $0.first == UInt8(ascii: ".") }) { return "no part of it may begin with '.'" }
        if parts.contains(where: { $0.suffix(5).elementsEqual(".lock".utf8) }) {
            return "no part of it may end with '.lock'"
        }
        return nil
    }

    private static func holds(_ pair: String, in bytes: [UInt8]) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { [$0, $1].elementsEqual(pair.utf8) }
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || "~^:?*[\\".utf8.contains(byte)
    }
}
