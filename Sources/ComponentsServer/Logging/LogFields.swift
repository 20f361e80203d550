import Logging

/// The metadata of one line: each name once, sorted.
///
/// There are so few that a walk costs less than a hash.
struct LogFields {
    /// Names that no metadata takes the place of.
    private static let ownNames = ["time", "level", "message", "logger"]

    private(set) var members: [(key: String, value: String)] = []

    init() { members.reserveCapacity(10) }

    /// Adds a field, unless there is one of that name.
    mutating func add(_ key: String, _ value: @autoclosure () -> String) {
        let index = members.firstIndex { $0.key >= key } ?? members.endIndex
        guard index == members.endIndex || members[index].key != key, !Self.ownNames.contains(key) else { return }
        members.insert((key, value()), at: index)
    }

    /// Adds the fields whose names are not there yet.
    mutating func add(_ metadata: Logger.Metadata) {
        for (key, value) in metadata { add(key, value.description) }
    }
}
