/// One step of a YAML document (YAML 1.2.2, section 3.1), with its place.
struct YAMLEvent {
    /// What it is.
    let kind: Kind
    /// The line, from 1.
    let line: Int
    /// The place within the line, from 1, in Unicode scalars.
    let column: Int

    /// What it is.
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart(Directives)
        case documentEnd
        case alias
        case scalar(String, isPlain: Bool, Properties)
        case sequenceStart(Properties)
        case sequenceEnd
        case mappingStart(Properties)
        case mappingEnd
    }

    /// What may stand before a node (section 6.9).
    struct Properties {
        /// Whether there is a tag, `!` among them.
        var hasTag: Bool
        /// Whether there is an anchor.
        var hasAnchor: Bool
    }

    /// What may stand before a document (section 6.8).
    struct Directives {
        /// Whether there is `%YAML 1.1`.
        var isVersion11: Bool
        /// Whether there is `%TAG`.
        var hasTags: Bool
    }
}
