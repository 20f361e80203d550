public import JSON

extension JSONValue {
    /// Reads one YAML document as the data it stands for, in time linear in its length.
    ///
    /// Plain scalars mean what the core schema of YAML 1.2.2 (section 10.3) says; in quotes, or as a block, they are
    /// strings. Refused is what JSON cannot hold or readers disagree about: aliases and anchors, tags (`!` too),
    /// a second document, keys that are no strings, a key twice, the merge key `<<`, `.inf` and `.nan`, `%TAG` and
    /// `%YAML 1.1`, an empty document; and what is refused of JSON: deeper or more than `limits` allow, and numbers that
    /// could not be stored exactly.
    ///
    /// - Throws: `YAMLError` with the first rule broken and its place.
    public init(parsingYAML text: [UInt8], limits: JSONLimits = .request) throws(YAMLError) {
        try YAMLText.check(text)
        var reader = YAMLReader(events: try YAMLEvents(text), limits: limits)
        self = try reader.document()
    }
}

extension JSONPlaces {
    /// The places of the values of a YAML document, in time linear in its length.
    ///
    /// - Throws: `YAMLError` as `JSONValue(parsingYAML:limits:)`.
    public init(parsingYAML text: [UInt8], limits: JSONLimits = .request) throws(YAMLError) {
        try YAMLText.check(text)
        var reader = YAMLReader(events: try YAMLEvents(text), limits: limits)
        reader.notesPlaces = true
        let value = try reader.document()
        self.init(of: value, at: reader.places)
    }
}

/// Builds a value while the events come; the limits hold before anything is built, so the stack is as deep as they allow.
private struct YAMLReader: ~Copyable {
    var events: YAMLEvents
    let limits: JSONLimits
    var valuesRead = 0
    /// Whether it is to be known where the values stand.
    var notesPlaces = false
    /// Where they stand: the whole, each member and each element, each before what it holds.
    private(set) var places: [JSONPlaces.Place] = []

    init(events: consuming YAMLEvents, limits: JSONLimits) {
        self.events = events
        self.limits = limits
    }

    mutating func document() throws(YAMLError) -> JSONValue {
        _ = try events.next()
        let start = try events.next()
        guard case .documentStart(let directives) = start.kind else { throw Self.emptyDocument(start) }
        guard !directives.isVersion11 else {
            throw start.error("this is read as YAML 1.2: leave the %YAML 1.1 directive out")
        }
        guard !directives.hasTags else { throw start.error("tags are not read: leave the %TAG directive out") }
        let root = try events.next()
        if case .scalar("", isPlain: true, let properties) = root.kind, !properties.hasTag, !properties.hasAnchor {
            throw Self.emptyDocument(root)
        }
        note(root)
        let value = try value(root, depth: 0)
        _ = try events.next()
        let end = try events.next()
        guard case .streamEnd = end.kind else { throw end.error("a second document begins here: send one document") }
        return value
    }

    private mutating func value(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> JSONValue {
        valuesRead += 1
        guard valuesRead <= limits.values else { throw event.error("more than \(limits.values) values") }
        switch event.kind {
        case .scalar(let text, let isPlain, let properties):
            try event.refuse(properties)
            guard isPlain else { return .string(text) }
            return try scalar(text, event)
        case .sequenceStart(let properties):
            try event.refuse(properties)
            return .array(try sequence(event, depth: depth + 1))
        case .mappingStart(let properties):
            try event.refuse(properties)
            return .object(try mapping(event, depth: depth + 1))
        case .alias:
            throw event.error(
                "aliases are not read: write the value out, or put a value that begins with '*' in quotes")
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw event.error("a value is expected here")
        }
    }

    private mutating func note(_ event: YAMLEvent) {
        if notesPlaces { places.append(event.place) }
    }

    private func scalar(_ text: String, _ event: YAMLEvent) throws(YAMLError) -> JSONValue {
        do throws(YAMLCoreSchema.Fault) {
            let value = try YAMLCoreSchema.value(ofPlain: text)
            guard case .number(let number) = value, limits.refusesInexactNumbers, !number.survivesStorage else {
                return value
            }
            throw .inexactNumber
        } catch {
            switch error {
            case .notFinite: throw event.error("JSON has no infinity and no NaN: write it as a string, in quotes")
            case .inexactNumber:
                throw event.error(
                    "the number \(String(text.unicodeScalars.prefix(40))) cannot be stored exactly: write it as a string, in quotes"
                )
            }
        }
    }

    private mutating func sequence(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> [JSONValue] {
        try check(depth: depth, at: start)
        var elements: [JSONValue] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return elements }
            note(event)
            elements.append(try value(event, depth: depth))
        }
    }

    private mutating func mapping(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> JSONObject {
        try check(depth: depth, at: start)
        var members: [JSONObject.Member] = []
        var names = UniqueNames()
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return JSONObject(unique: members) }
            note(event)
            let name = try key(event)
            guard names.insert(name) else {
                throw event.error("the key \(name.quotedForMessage) is a duplicate: give it once")
            }
            members.append((name, try value(try events.next(), depth: depth)))
        }
    }

    private func key(_ event: YAMLEvent) throws(YAMLError) -> String {
        switch event.kind {
        case .scalar(let text, let isPlain, let properties):
            try event.refuse(properties)
            guard isPlain else { return text }
            guard text != "<<" else {
                throw event.error("merge keys are not part of YAML 1.2: write the keys out, or put << in quotes")
            }
            // A key that the schema refuses, such as .inf, is not a string either.
            guard case .string? = try? YAMLCoreSchema.value(ofPlain: text) else {
                throw event.error("a key must be a string: put \(text.quotedForMessage) in quotes")
            }
            return text
        case .alias:
            throw event.error("aliases are not read: write the key out")
        default:
            throw event.error("a key must be a string, not a list or a mapping")
        }
    }

    private func check(depth: Int, at event: YAMLEvent) throws(YAMLError) {
        guard depth <= limits.depth else { throw event.error("nested deeper than \(limits.depth) levels") }
    }

    private static func emptyDocument(_ event: YAMLEvent) -> YAMLError {
        event.error("the document is empty: a value is expected")
    }
}

extension YAMLEvent {
    /// An error at the place of this event.
    fileprivate func error(_ message: String) -> YAMLError { YAMLError(message, line: line, column: column) }

    /// The place of this event.
    fileprivate var place: JSONPlaces.Place { JSONPlaces.Place(line: line, column: column) }

    /// Refuses what JSON has no place for.
    fileprivate func refuse(_ properties: Properties) throws(YAMLError) {
        guard !properties.hasTag else {
            throw error("tags are not read: leave it out, or put a value that begins with '!' in quotes")
        }
        guard !properties.hasAnchor else {
            throw error("anchors are not read: leave it out, or put a value that begins with '&' in quotes")
        }
    }
}
