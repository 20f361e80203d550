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

    /// The parser's error, in words for the author of the text.
    private var error: YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
        let context = parser.pointee.context.map { String(cString: $0) } ?? ""
        let mark = parser.pointee.problem_mark
        let message =
            Self.message(problem, context: context, at: byte(line: mark.line, column: mark.column))
            ?? "\(problem) \(context)"
        return YAMLError(message, line: mark.line + 1, column: mark.column + 1)
    }

    /// What to do about the parser's commonest errors; `nil` for the others.
    private static func message(_ problem: String, context: String, at byte: UInt8?) -> String? {
        switch (problem, context) {
        case _ where byte == UInt8(ascii: "\t"):
            "a tab cannot indent a line or stand before a value: use spaces"
        case ("found character that cannot start any token", _):
            byte.map { "a value cannot begin with '\(Unicode.Scalar($0))': put it in quotes" }
        case (_, "while scanning an alias"): "'*' begins an alias: put a value that begins with '*' in quotes"
        case (_, "while scanning an anchor"): "'&' begins an anchor: put a value that begins with '&' in quotes"
        case (_, "while scanning a tag"), (_, "while parsing a tag"), ("found undefined tag handle", _):
            "'!' begins a tag: put a value that begins with '!' in quotes"
        case (_, "while scanning a directive"):
            "'%' at the start of a line begins a directive: put a text that begins with '%' in quotes"
        case ("mapping values are not allowed in this context", _):
            "a second ':' in one line, or a line indented too far: put a value that holds ': ' in quotes"
        case ("could not find expected ':'", _):
            "a line without ':', or a text that goes on in the next line: write each key with ':', and long texts in quotes"
        case ("did not find expected key", _):
            "a key is expected here: indent it like the keys above, and close every quote at the end of its value"
        case ("block sequence entries are not allowed in this context", _):
            "a list cannot begin here: put each '- ' on a line of its own"
        // It looks ahead by up to 1,024 characters, and stops at 1,000 levels of its own.
        case _ where problem.hasPrefix("Maximum nesting level"): "nested too deep"
        default: nil
        }
    }

    /// The byte at a place that the parser names, from 0; `nil` behind the end.
    private func byte(line: Int, column: Int) -> UInt8? {
        var (line, column) = (line, column)
        for (offset, byte) in text.enumerated() {
            if line == 0, byte & 0xC0 != 0x80 {
                if column == 0 { return byte }
                column -= 1
            }
            let isBreak =
                byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r") && (offset + 1 == text.count || text[offset + 1] != UInt8(ascii: "\n"))
            if isBreak, line > 0 { line -= 1 }
        }
        return nil
    }
}
