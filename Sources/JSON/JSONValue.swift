/// A JSON value (RFC 8259): this project's only representation of JSON.
///
/// It keeps the order of an object's keys and the text of a number. Two values are equal when they are the same data:
/// strings by their UTF-8 bytes, numbers by their decimal value, objects without regard to order.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Equatable {
    /// Whether both are the same data.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        // Swift's own comparison holds `é` composed and decomposed for equal.
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension JSONValue {
    /// The string, if this is one.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, if this is a number that is one and fits.
    public var intValue: Int64? {
        if case .number(let value) = self { value.int64 } else { nil }
    }

    /// The elements, if this is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, if this is an object.
    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name, if this is an object that has it.
    public subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// The kind of value, in words that fit a message: `a number`, `null`.
    public var kindDescription: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    /// An array of these elements.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object of these members; of those with the same name the last one stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
    /// JSON's `null`.
    public init(nilLiteral: ()) { self = .null }
}

extension String {
    /// Whether both are the same bytes of UTF-8.
    ///
    /// Identities and keys are compared so: Swift's `==` follows canonical equivalence, the cluster does not.
    public func hasSameBytes(as other: String) -> Bool {
        // Most strings that differ do so in their length, which costs nothing to compare.
        guard utf8.count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            // By index, which takes a quarter of what two iterators take.
            right.withUTF8 { right in left.indices.allSatisfy { left[$0] == right[$0] } }
        }
    }
}
