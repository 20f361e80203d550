/// The names an object has so far, compared by their UTF-8 bytes: for readers of other notations of the same data.
public struct UniqueNames {
    /// A string whose identity is its bytes: canonically equivalent names stay apart, as they do in the cluster.
    private struct Name: Hashable {
        let text: String
        static func == (left: Name, right: Name) -> Bool { left.text.hasSameBytes(as: right.text) }
        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    /// Up to here a walk is cheaper than a hash.
    private static let few = 8
    private var list: [String] = []
    private var set: Set<Name> = []

    /// No names.
    public init() {}

    /// Notes a name; `false` if it was there already.
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
