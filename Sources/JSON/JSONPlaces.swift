/// Where the values of a text stand: a tree of the same form as theirs.
public struct JSONPlaces: Sendable, Equatable {
    /// A place in a text.
    public struct Place: Sendable, Equatable {
        /// The line, from 1.
        public let line: Int
        /// The place within the line, from 1, in Unicode scalars.
        public let column: Int

        /// A line and a place within it.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// Of a member, where its name begins; of an element, and of the whole, where the value begins.
    public let place: Place
    /// The members by their names, the elements by their indices.
    private var inner: [String: JSONPlaces] = [:]

    /// The places of a value that was read.
    ///
    /// - Parameter marks: the places in the order of the text: of the whole, of each member and of each element, each before
    ///   what it holds. There must be one for each.
    public init(of value: JSONValue, at marks: [Place]) {
        var rest = ArraySlice(marks)
        self.init(value, &rest)
    }

    private init(_ value: JSONValue, _ marks: inout ArraySlice<Place>) {
        place = marks.removeFirst()
        switch value {
        case .object(let object):
            for (key, value) in object.members { inner[key] = JSONPlaces(value, &marks) }
        case .array(let elements):
            for (index, value) in elements.enumerated() { inner[String(index)] = JSONPlaces(value, &marks) }
        case .null, .bool, .number, .string:
            break
        }
    }

    /// The place of what these names and indices lead to; if it is not there, that of the innermost value on the way.
    public func place(of path: some Sequence<String>) -> Place {
        var found = self
        for key in path {
            guard let next = found.inner[key] else { break }
            found = next
        }
        return found.place
    }
}

extension JSONPlaces {
    /// The places of the values of a JSON text, in time linear in its length.
    ///
    /// - Throws: `JSONError` as `JSONValue(parsing:limits:)`.
    public init(parsing text: [UInt8], limits: JSONLimits = .request) throws(JSONError) {
        let (value, offsets) = try JSONValue.read(text, limits: limits)
        var marks: [Place] = []
        var (line, column, position) = (1, 1, 0)
        // The offsets ascend, so that each byte is looked at once.
        for offset in offsets {
            for byte in text[position..<offset] {
                if byte == UInt8(ascii: "\n") {
                    (line, column) = (line + 1, 1)
                } else if byte & 0xC0 != 0x80 {
                    // A continuation byte (10xxxxxx) belongs to the scalar before it.
                    column += 1
                }
            }
            position = offset
            marks.append(Place(line: line, column: column))
        }
        self.init(of: value, at: marks)
    }
}
