/// The members of a JSON object, in the order in which they were written.
///
/// Names are unique by their UTF-8 bytes. A look-up is a linear search: objects are small here, and whoever needs all
/// members iterates.
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

    /// An object of members whose names are known to be unique, as a reader checks with `UniqueNames`.
    ///
    /// The names are not checked again; `init(_:)` takes any members.
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
        get { members.firstIndex(named: key).map { members[$0].value } }
        set {
            let index = members.firstIndex(named: key)
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }
}

extension Array<JSONObject.Member> {
    /// Where the member of that name is.
    ///
    /// Compares in place: a search by a closure would copy every member that it passes.
    func firstIndex(named name: String) -> Int? {
        for index in indices where self[index].key.hasSameBytes(as: name) { return index }
        return nil
    }
}

extension JSONObject: Equatable {
    /// Whether both have the same members, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // Sorted once, so that the comparison of two large objects is not quadratic.
        return zip(left.sortedByKey(), right.sortedByKey())
            .allSatisfy { $0.key.hasSameBytes(as: $1.key) && $0.value == $1.value }
    }

    /// The members in the order of their names' UTF-8 bytes, as the cluster returns them.
    public func sortedByKey() -> [Member] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of these members; of those with the same name the last one stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// The names that an object has so far, compared by their UTF-8 bytes; for readers of JSON and of other notations.
public struct UniqueNames {
    /// A name that equals another if its bytes do: canonically equivalent names stay apart, as they do in the cluster.
    private struct Name: Hashable {
        let text: String
        static func == (left: Name, right: Name) -> Bool { left.text.hasSameBytes(as: right.text) }
        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    /// Up to this many names a linear search is cheaper than a hash.
    static let few = 8
    private var list: [String] = []
    private var set: Set<Name> = []

    /// No names.
    public init() {}

    /// Adds a name; `false` if it was there already.
    public mutating func insert(_ name: String) -> Bool {
        if set.isEmpty {
            if list.contains(where: { $0.hasSameBytes(as: name) }) { return false }
            list.append(name)
            if list.count > Self.few { set = Set(list.map(Name.init)) }
            return true
        }
        return set.insert(Name(text: name)).inserted
    }
}
