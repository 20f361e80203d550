/// An entity tag (RFC 9110, section 8.8.3): the name of one version of a config in one format.
struct EntityTag: Equatable {
    /// Whether it is marked as weak (`W/`).
    ///
    /// This service sends strong tags only; a proxy that compresses may mark them as weak.
    let isWeak: Bool
    /// The text between the quotes.
    let opaque: String

    /// A tag as it was received.
    init(isWeak: Bool, opaque: String) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    /// The tag of that version of a config.
    ///
    /// It is strong, because one version is always the same bytes in each format.
    init(version: String, format: BodyFormat) {
        self.init(isWeak: false, opaque: version + Self.suffix(of: format))
    }

    /// The tag as it is sent.
    var text: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

    /// The version that the tag names, in either format.
    var version: String {
        let suffix = Self.suffix(of: .yaml)
        return opaque.hasSuffix(suffix) ? String(opaque.dropLast(suffix.count)) : opaque
    }

    /// The tag as this service sent it, if a proxy has altered it; `nil` if it is unaltered.
    ///
    /// A proxy that compresses a response marks its tag as weak, or appends the name of the coding to it.
    var unaltered: EntityTag? {
        var given = opaque[...]
        for coding in ["gzip", "br", "zstd", "deflate"] where given.hasSuffix(coding) {
            let rest = given.dropLast(coding.count)
            let version = rest.prefix(rest.count - rest.reversed().prefix { "-;:".contains($0) }.count)
            if version.count < rest.count, !version.isEmpty { given = version }
        }
        guard isWeak || given.count < opaque.count else { return nil }
        return EntityTag(isWeak: false, opaque: String(given))
    }

    /// Whether both have the same opaque text, weak or not (section 8.8.3.2).
    func isWeaklyEqual(to other: EntityTag) -> Bool { opaque.utf8.elementsEqual(other.opaque.utf8) }

    /// The suffix for a format: the formats are two representations, so their strong tags must differ.
    private static func suffix(of format: BodyFormat) -> String {
        switch format {
        case .json: ""
        case .yaml: "-yaml"
        }
    }
}
