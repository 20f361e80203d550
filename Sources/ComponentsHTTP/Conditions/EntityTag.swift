/// An entity tag (RFC 9110, section 8.8.3): names one version of a config, in one format.
struct EntityTag: Equatable {
    /// Whether it is marked as weak (`W/`).
    ///
    /// This service sends none that is; what compresses its answers on the way may make it so.
    let isWeak: Bool
    /// What stands between the quotes.
    let opaque: String

    /// A tag as it was sent, whoever made it.
    init(isWeak: Bool, opaque: String) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    /// The tag of a config of that version; strong, for the same version is the same bytes in each format.
    init(version: String, format: BodyFormat) {
        self.init(isWeak: false, opaque: version + Self.suffix(of: format))
    }

    /// The tag as it is sent.
    var text: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

    /// The version that the tag names, whichever format it is of.
    var version: String {
        let suffix = Self.suffix(of: .yaml)
        return opaque.hasSuffix(suffix) ? String(opaque.dropLast(suffix.count)) : opaque
    }

    /// The tag as this service gave it, if something on the way has altered it; `nil` if nothing did.
    ///
    /// What compresses a response marks its tag as weak, or adds the name of the coding to it.
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

    /// Whether both name the same, be they weak or not (section 8.8.3.2).
    func isWeaklyEqual(to other: EntityTag) -> Bool { opaque.utf8.elementsEqual(other.opaque.utf8) }

    /// What tells the formats apart: they are two representations, so their strong tags differ.
    private static func suffix(of format: BodyFormat) -> String {
        switch format {
        case .json: ""
        case .yaml: "-yaml"
        }
    }
}
