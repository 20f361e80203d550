import JSON

/// The rules for `build.ref`: a branch, tag or commit.
///
/// A valid ref is accepted by `git check-ref-format --allow-onelevel` (git's documentation of that command lists the
/// rules), does not begin with `-`, so that no tool takes it for an option, and holds nothing that a shell or Tekton
/// would act on (`$(`, `;`, quotes) or that cannot be seen. Compared as bytes, as git does: a combining mark behind a dot
/// would hide the dot from a comparison of Swift's characters.
enum GitRef {
    /// The longest ref, in bytes; git keeps refs as paths.
    static let maximumLength = 1_024

    /// What is wrong with the ref and what to do, or `nil`.
    static func problem(_ ref: String) -> String? {
        let bytes = Array(ref.utf8)
        guard !bytes.isEmpty else { return "is empty; leave the key out to build the repository's HEAD" }
        guard bytes.count <= maximumLength else { return "is longer than \(maximumLength) bytes" }
        if let problem = surroundingSpaceProblem(ref, what: "the ref") { return problem }
        if bytes.first == UInt8(ascii: "<"), bytes.last == UInt8(ascii: ">") {
            return
                "is the placeholder \(ref.quotedForMessage): write the name of a branch, tag or commit in its place, "
                + "or leave the key out to build the repository's HEAD"
        }
        if bytes.first == UInt8(ascii: "-") { return "must not begin with '-'" }
        if bytes == [UInt8(ascii: "@")] { return "must not be '@' alone; leave the key out to build HEAD" }
        for pair in ["..", "@{", "$$", "$("] where holds(pair, in: bytes) { return "must not hold '\(pair)'" }
        if bytes.last == UInt8(ascii: ".") { return "must not end with '.'" }
        if let scalar = ref.unicodeScalars.first(where: isForbidden) {
            return "must not hold \(scalar.descriptionForMessage)"
        }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.contains(where: \.isEmpty) { return "must not begin or end with '/', nor hold '//'" }
        if parts.contains(where: { $0.first == UInt8(ascii: ".") }) { return "no part of it may begin with '.'" }
        if parts.contains(where: { $0.suffix(5).elementsEqual(".lock".utf8) }) {
            return "no part of it may end with '.lock'"
        }
        return nil
    }

    /// What to do about white space at either end of a text, or `nil` if there is none.
    static func surroundingSpaceProblem(_ text: String, what: String) -> String? {
        let isSpace = { (scalar: Unicode.Scalar?) in scalar == " " || scalar?.isInvisible == true }
        if text.utf8.last == UInt8(ascii: "\n") {
            return "ends with a line break, as a YAML block after '>' or '|' does: write \(what) on the line of its key"
        }
        if let scalar = [text.unicodeScalars.first, text.unicodeScalars.last].first(where: isSpace) ?? nil {
            return "begins or ends with \(scalar.descriptionForMessage): remove it"
        }
        return nil
    }

    /// Whether two bytes stand next to each other.
    static func holds(_ pair: String, in bytes: [UInt8]) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == pair.utf8.first && $1 == pair.utf8.last }
    }

    /// What git forbids, what a shell acts on, and what cannot be seen.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isInvisible || " ~^:?*[\\`;&|'\"<>".unicodeScalars.contains(scalar)
    }
}
