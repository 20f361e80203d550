/// A table for people: columns as wide as what stands in them, two spaces between them.
struct TextTable {
    /// The most columns of a terminal that a line takes.
    static let width = 100

    /// The names of the columns.
    let header: [String]
    /// What stands below them, a cell for each column.
    var rows: [[String]]

    /// The lines, each with its line feed.
    ///
    /// Where a line would be too wide, the last cell stands below it.
    var text: String {
        let all = [header] + rows.map { $0.map(Self.plain) }
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let front = widths.dropLast().reduce(0) { $0 + $1 + 2 }
        return all.map { cells in
            let last = cells.last ?? ""
            let line = zip(cells.dropLast(), widths).map { $0.padded(to: $1 + 2) }.joined()
            guard front + last.count > Self.width else { return Self.line(line + last) }
            return Self.line(line) + Self.line("  " + last)
        }.joined()
    }

    /// A line of any text: no wider than a terminal, and without what would move its cursor.
    static func line(_ text: String) -> String {
        let plain = plain(text)
        let clipped = plain.count > width ? plain.prefix(width - 1) + "…" : plain[...]
        let end = clipped.lastIndex { $0 != " " }.map { clipped.index(after: $0) } ?? clipped.startIndex
        return clipped[..<end] + "\n"
    }

    private static func plain(_ text: String) -> String {
        String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 })
    }
}

extension String {
    /// The text, and spaces up to that many characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
