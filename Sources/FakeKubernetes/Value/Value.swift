/// A JSON value as the API server's store keeps it: keys in the order of their bytes, integers of 64 bits, everything else binary64.
///
/// The fake has its own, apart from the module `JSON` of the service, so that one mistake in reading or writing cannot
/// cancel itself on both sides. Two strings are equal if their UTF-8 bytes are, also as keys: `é` composed and
/// decomposed stay apart, as in the real server.
public enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([Value])
    case object(Members)

    /// Whether both are the same data; `1` and `1.0` are.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.int(let int), .double(let double)), (.double(let double), .int(let int)): Double(int) == double
        case (.string(let left), .string(let right)): left.isSameText(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension Value {
    /// The text, if this is a string.
    public var string: String? { if case .string(let string) = self { string } else { nil } }

    /// The truth value, if this is one.
    public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }

    /// The integer, if this is one.
    public var int: Int64? { if case .int(let int) = self { int } else { nil } }

    /// The elements, if this is an array.
    public var array: [Value]? { if case .array(let array) = self { array } else { nil } }

    /// The members, if this is an object.
    public var object: Members? { if case .object(let object) = self { object } else { nil } }

    /// Whether this is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The name of this kind of value in the messages of Go's decoder.
    var goKind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The member with that key; `nil` if this is not an object or has no such key.
    ///
    /// Setting a value makes this an object if it is not one; setting `nil` only removes the key.
    public subscript(key: String) -> Value? {
        get { object?[key] }
        set {
            if case .object(var members) = self {
                self = .null  // so that the members are not copied
                members[key] = newValue
                self = .object(members)
            } else if let newValue {
                self = .object([key: newValue])
            }
        }
    }

    /// The element at that index; `nil` if this is not an array or is shorter.
    public subscript(index: Int) -> Value? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The value at a path of keys, from the outermost inwards.
    public func at(_ path: String...) -> Value? {
        var value = self
        for key in path {
            guard let member = value[key] else { return nil }
            value = member
        }
        return value
    }

    /// Sets the value at a path of keys, and creates the objects on the way; `nil` only removes it.
    public mutating func set(_ value: Value?, at path: String...) { set(value, at: path[...]) }

    private mutating func set(_ value: Value?, at path: ArraySlice<String>) {
        guard let key = path.first else {
            if let value { self = value }
            return
        }
        if path.count == 1 {
            self[key] = value
        } else if var inner = self[key] {
            inner.set(value, at: path.dropFirst())
            self[key] = inner
        } else if let value {
            var inner = Value.object([:])
            inner.set(value, at: path.dropFirst())
            self[key] = inner
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// An object; of equal keys the last wins.
    public init(dictionaryLiteral elements: (String, Value)...) { self = .object(Members(elements)) }
}

extension String {
    /// Whether both have the same UTF-8 bytes; `==` would take canonically equivalent texts for one.
    func isSameText(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether this comes before the other in the order of UTF-8 bytes, which is Go's.
    func isBeforeInBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
