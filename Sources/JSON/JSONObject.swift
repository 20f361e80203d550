/// The members of a JSON object, in the order in which they were written.
///
/// Names are unique by their UTF-8 bytes. A look-up walks the members: objects here are small, and whoever needs all of
/// them iterates.
public struct JSONObject: Sendable {
    /// One name and its value.
    public typealias Member = (key: String, value: JSONValue)

    /// All members, in order.
    public private(set) var members: [Member]

    /// An object without members.
    public init() {
        members = []
    }

    /// An object of these members; of those with the same name the last one stays, at the place of the first.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.members = []
        for (key, value) in members { self[key] = value }
    }

    /// Members whose names are known to be unique: what a reader has checked with `UniqueNames` while it read.
    ///
    /// Names that are not break what this type promises; `init(_:)` takes any.
    public init(unique members: [Member]) {
        self.members = members
    }

    /// The number of members.
    public var count: Int { members.count }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The names, in order.
    public var keys: [String] { members.map(\.key) }

    /// The value of that name.
    ///
    /// Setting one that is new appends it; setting `nil` removes it.
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key.hasSameBytes(as: key) }?.value }
        set {
            let index = members.firstIndex { $0.key.hasSameBytes(as: key) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: Equatable {
    /// Whether both have the same members, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // Sorted once, so that two large objects are compared without a walk per member.
        return zip(left.sortedByKey(), right.sortedByKey())
            .allSatisfy { $0.key.hasSameBytes(as: $1.key) && $0.value == $1.value }
    }

    /// The members in the order of their names' UTF-8 bytes, as the cluster gives them back.
    public func sortedByKey() -> [Member] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of these members; of those with the same name the last one stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
