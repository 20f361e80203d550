/// The value of `If-Match` or `If-None-Match`: a `*`, or tags (RFC 9110, sections 13.1.1 and 13.1.2).
enum EntityTagList: Equatable {
    /// `*`: any version.
    case any
    /// At least one tag.
    case tags([EntityTag])

    /// Reads the field's value; `nil` if it is not valid.
    ///
    /// Elements of a list may be empty (section 5.6.1.2), but the list must have a tag.
    init?(_ value: String) {
        var reader = Reader(rest: Array(value.utf8)[...])
        reader.skip(" \t")
        if reader.take("*") {
            reader.skip(" \t")
            guard reader.rest.isEmpty else { return nil }
            self = .any
            return
        }
        var tags: [EntityTag] = []
        while true {
            reader.skip(" \t,")
            guard !reader.rest.isEmpty else { break }
            guard let tag = reader.tag() else { return nil }
            tags.append(tag)
            reader.skip(" \t")
            guard reader.rest.isEmpty || reader.rest.first == UInt8(ascii: ",") else { return nil }
        }
        guard !tags.isEmpty else { return nil }
        self = .tags(tags)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ bytes: String) {
            rest = rest.drop { bytes.utf8.contains($0) }
        }

        mutating func take(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        /// Reads `[ "W/" ] DQUOTE *etagc DQUOTE`.
        ///
        /// `etagc` is anything visible but a quote, and anything beyond ASCII; a backslash is a character like any other.
        mutating func tag() -> EntityTag? {
            let isWeak = take("W/")
            guard take("\"") else { return nil }
            let opaque = rest.prefix { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") }
            rest = rest[opaque.endIndex...]
            guard take("\"") else { return nil }
            return EntityTag(isWeak: isWeak, opaque: String(decoding: opaque, as: UTF8.self))
        }
    }
}
