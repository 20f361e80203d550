import CYaml

/// The events of one text, one at a time, from the parser that Yams brings along.
///
/// Yams' own `Node` is not used: it is built by recursion, so that a few kilobytes of brackets end the process, it
/// resolves aliases, and it hashes keys that are whole trees. Here nothing is built; who reads may stop at any event.
struct YAMLEvents: ~Copyable {
    // On the heap, because the parser holds a pointer to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    // A copy, because the parser reads it for as long as it lives.
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// The events of a text, which must have passed `YAMLText.check(_:)`.
    init(_ bytes: [UInt8]) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        // It clears the struct before anything can fail, so that it can be deleted in any case.
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError("there is no memory left", line: 1, column: 1)
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event; behind `streamEnd` there is none to ask for.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(
            kind: Self.kind(of: event), line: event.start_mark.line + 1, column: event.start_mark.column + 1)
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT:
            return .streamStart
        case YAML_DOCUMENT_START_EVENT:
            let start = event.data.document_start
            return .documentStart(
                YAMLEvent.Directives(
                    isVersion11: start.version_directive.map { $0.pointee.minor < 2 } ?? false,
                    hasTags: start.tag_directives.start != start.tag_directives.end))
        case YAML_DOCUMENT_END_EVENT:
            return .documentEnd
        case YAML_ALIAS_EVENT:
            return .alias
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                YAMLEvent.Properties(hasTag: scalar.tag != nil, hasAnchor: scalar.anchor != nil))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(YAMLEvent.Properties(hasTag: start.tag != nil, hasAnchor: start.anchor != nil))
        case YAML_SEQUENCE_END_EVENT:
            return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(YAMLEvent.Properties(hasTag: start.tag != nil, hasAnchor: start.anchor != nil))
        case YAML_MAPPING_END_EVENT:
            return .mappingEnd
        default:
            // The parser's only other event is none at all, behind the end of the stream.
            return .streamEnd
        }
    }

    /// What the parser stumbled over, in its words.
    private var error: YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
        let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
        // It looks ahead by up to 1,024 characters, and stops at 1,000 levels of its own.
        let isDepth = problem.hasPrefix("Maximum nesting level")
        let mark = parser.pointee.problem_mark
        return YAMLError(
            isDepth ? "nested too deep" : problem + context, line: mark.line + 1, column: mark.column + 1)
    }
}
