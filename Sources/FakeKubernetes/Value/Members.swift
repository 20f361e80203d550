/// The members of a JSON object: unique keys, compared by their bytes, always in their order.
///
/// It reads like a `[String: Value]`; that one would take canonically equivalent keys for the same. Looking a key up is
/// logarithmic in the number of members; adding one moves the members behind it.
public struct Members: Sendable, Equatable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
    /// A key and its value.
    public typealias Element = (key: String, value: Value)

    private var sorted: [Element]

    /// An object without members.
    public init() { sorted = [] }

    /// The members in any order; of equal keys the last wins.
    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }

    /// The members in any order; of equal keys the last wins, as it does in the real server.
    public init(_ members: some Sequence<(String, Value)>) {
        sorted = members.map { (key: $0.0, value: $0.1) }
        guard !isInOrder else { return }
        // `sort` is stable, so the last of equal keys stands last among them.
        sorted.sort { $0.key.isBeforeInBytes($1.key) }
        var kept = 0
        for index in sorted.indices {
            if kept > 0, sorted[kept - 1].key.isSameText(as: sorted[index].key) {
                sorted[kept - 1] = sorted[index]
            } else {
                sorted[kept] = sorted[index]
                kept += 1
            }
        }
        sorted.removeLast(sorted.count - kept)
    }

    private var isInOrder: Bool {
        zip(sorted, sorted.dropFirst()).allSatisfy { $0.key.isBeforeInBytes($1.key) }
    }

    /// Where the first member stands.
    public var startIndex: Int { 0 }
    /// Behind the last member.
    public var endIndex: Int { sorted.count }
    /// The member at that place.
    public subscript(position: Int) -> Element { sorted[position] }

    /// The keys, in the order of their bytes.
    public var keys: [String] { sorted.map(\.key) }

    /// The values, in the order of their keys.
    public var values: [Value] { sorted.map(\.value) }

    /// The value of a key; setting `nil` removes it.
    public subscript(key: String) -> Value? {
        get {
            let (index, found) = search(key)
            return found ? sorted[index].value : nil
        }
        set {
            let (index, found) = search(key)
            switch (newValue, found) {
            case (let value?, true): sorted[index].value = value
            case (let value?, false): sorted.insert((key: key, value: value), at: index)
            case (nil, true): sorted.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// The value of a key, or the fallback.
    public subscript(key: String, default fallback: @autoclosure () -> Value) -> Value {
        get { self[key] ?? fallback() }
        set { self[key] = newValue }
    }

    /// Removes a key and returns its value.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> Value? {
        let (index, found) = search(key)
        return found ? sorted.remove(at: index).value : nil
    }

    /// The same keys with other values.
    public func mapValues(_ transform: (Value) throws -> Value) rethrows -> Members {
        var result = self
        for index in result.sorted.indices { result.sorted[index].value = try transform(sorted[index].value) }
        return result
    }

    /// Whether both have the same keys with the same values.
    public static func == (left: Members, right: Members) -> Bool {
        left.count == right.count
            && zip(left.sorted, right.sorted).allSatisfy { $0.key.isSameText(as: $1.key) && $0.value == $1.value }
    }

    /// The index of the key, or the index at which it would be inserted.
    private func search(_ key: String) -> (index: Int, found: Bool) {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].key.isBeforeInBytes(key) { low = middle + 1 } else { high = middle }
        }
        return (low, low < sorted.count && sorted[low].key.isSameText(as: key))
    }
}
