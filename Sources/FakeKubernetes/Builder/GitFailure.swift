/// Why a repository could not be cloned.
struct GitFailure: Error, Equatable {
    /// Git's own words: one line of at most 1,024 bytes.
    let words: String

    init(_ words: String) { self.words = Self.line(words) }

    /// The last thing that git said: its `fatal:` lines at the end, or else its last line.
    ///
    /// - Parameter status: How the process ended, for when it said nothing.
    init(output: String, status: String) {
        let lines = output.split { $0.isNewline }.map { String($0) }.filter { !$0.allSatisfy(\.isWhitespace) }
        let fatal = lines.filter { $0.hasPrefix("fatal:") }
        words = Self.line(
            fatal.isEmpty ? lines.last ?? "fatal: git ended without a word: \(status)" : fatal.joined(separator: " "))
    }

    private static func line(_ words: String) -> String {
        var line = ""
        var size = 0
        for scalar in words.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let kept: Unicode.Scalar = isControl ? " " : scalar
            size += UTF8.width(kept)
            guard size <= 1024 else { break }
            line.unicodeScalars.append(kept)
        }
        return line
    }
}
