import FakeKubernetes

/// Keeps track of what differs by nature between the recording and this run: uids, versions, tokens and generated names.
struct Replay: Sendable {
    /// What the recording calls it: what it is called here.
    private var names: [String: String] = [:]

    private static let natural: Set<String> = ["uid", "resourceVersion", "continue"]

    /// Learns from an answer how things are called here.
    mutating func learn(recorded: Value, actual: Value, key: String = "") {
        switch (recorded, actual) {
        case (.object(let recorded), .object(let actual)):
            for (key, value) in recorded {
                guard let other = actual[key] else { continue }
                // A name that the server made up.
                if key == "name", recorded["generateName"] != nil {
                    learn(recorded: value, actual: other, key: "uid")
                } else {
                    learn(recorded: value, actual: other, key: key)
                }
            }
        case (.array(let recorded), .array(let actual)):
            for (recorded, actual) in zip(recorded, actual) { learn(recorded: recorded, actual: actual) }
        case (.string(let recorded), .string(let actual)):
            guard Self.natural.contains(key), !recorded.isEmpty, names[recorded] == nil else { return }
            names[recorded] = actual
        default: break
        }
    }

    /// What the recording says, in the names of this run; times and ages become the same everywhere.
    func translated(_ value: Value, key: String = "") -> Value {
        switch value {
        case .object(let members):
            .object(Members(members.map { ($0.key, translated($0.value, key: $0.key)) }))
        case .array(let elements): .array(elements.map { translated($0) })
        case .string(let text):
            .string(
                text.isTime
                    ? "<time>"
                    : text.isAge ? "<age>" : key == "message" ? translated(inside: text) : names[text] ?? text)
        case .null, .bool, .int, .double: value
        }
    }

    /// A request of the recording, in the names of this run.
    func translatedRequest(_ value: Value) -> Value {
        switch value {
        case .object(let members):
            // The server knows better, and would not have it changed.
            .object(
                Members(
                    members.filter { $0.key != "creationTimestamp" }.map { ($0.key, translatedRequest($0.value)) }))
        case .array(let elements): .array(elements.map { translatedRequest($0) })
        case .string(let text): .string(names[text] ?? text)
        case .null, .bool, .int, .double: value
        }
    }

    /// An object of the recording that is to be stored, in the names of this run.
    func renamed(_ value: Value) -> Value {
        switch value {
        case .object(let members): .object(members.mapValues { renamed($0) })
        case .array(let elements): .array(elements.map { renamed($0) })
        case .string(let text): .string(names[text] ?? text)
        case .null, .bool, .int, .double: value
        }
    }

    /// A text with every name in it replaced.
    func translated(inside text: String) -> String {
        var text = text
        for (recorded, actual) in names where recorded.count > 3 { text = text.replacing(recorded, with: actual) }
        return text
    }
}

extension String {
    /// How long ago something was, in a table.
    fileprivate var isAge: Bool { wholeMatch(of: /\d+s/) != nil }
    fileprivate var isTime: Bool { wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil }
}

extension Value {
    /// The value with another one, or none, at a path.
    func with(_ value: Value?, at outer: String, _ inner: String) -> Value {
        var result = self
        result.set(value, at: outer, inner)
        return result
    }

    /// The value without those keys, however deep.
    func without(_ keys: Set<String>) -> Value {
        switch self {
        case .object(let members):
            .object(Members(members.filter { !keys.contains($0.key) }.map { ($0.key, $0.value.without(keys)) }))
        case .array(let elements): .array(elements.map { $0.without(keys) })
        case .null, .bool, .int, .double, .string: self
        }
    }
}

extension Value {
    /// Where two values are not the same, each place with what stands here and there.
    func differences(from other: Value, at path: String = "") -> [String] {
        switch (self, other) {
        case (.object(let here), .object(let there)):
            Set(here.keys + there.keys).sorted().flatMap { key in
                switch (here[key], there[key]) {
                case (let here?, let there?): here.differences(from: there, at: "\(path).\(key)")
                case (let here?, nil): ["\(path).\(key) is here alone: \(here.text.prefix(300))"]
                case (nil, let there): ["\(path).\(key) is not here: \(there?.text.prefix(300) ?? "")"]
                }
            }
        case (.array(let here), .array(let there)) where here.count == there.count:
            zip(here, there).enumerated().flatMap { index, pair in
                pair.0.differences(from: pair.1, at: "\(path)[\(index)]")
            }
        default:
            self == other ? [] : ["\(path) is \(text.prefix(300)) here, \(other.text.prefix(300)) there"]
        }
    }
}
