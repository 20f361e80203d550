import Synchronization

/// The rules in force, tried in their order.
final class FaultRules: Sendable {
    private let rules = Mutex<[FaultRule]>([])

    /// Puts rules in place of those that were.
    func replace(with value: Value) throws(StatusError) {
        let new = try Self.rules(value)
        rules.withLock { $0 = new }
    }

    /// Puts rules behind those that are there; these keep their counts.
    func add(_ value: Value) throws(StatusError) {
        let new = try Self.rules(value)
        rules.withLock { $0 += new }
    }

    /// Takes the rules away that were given this `id`.
    func remove(_ id: Value) { rules.withLock { rules in rules.removeAll { $0.source["id"] == id } } }

    private static func rules(_ value: Value) throws(StatusError) -> [FaultRule] {
        var rules: [FaultRule] = []
        for rule in value["rules"]?.array ?? [] { rules.append(try FaultRule(rule)) }
        return rules
    }

    func clear() { rules.withLock { $0 = [] } }

    /// Each rule as it was given, with how often it fired.
    var report: Value {
        let rules = rules.withLock(\.self)
        return [
            "rules": .array(
                rules.map { rule in
                    var value = rule.source
                    value["fired"] = .int(Int64(rule.fired))
                    return value
                })
        ]
    }

    /// What goes wrong with a request: any latencies, then at most one other fault.
    func actions(for call: APICall?) -> [FaultAction] {
        rules.withLock { rules in
            var actions: [FaultAction] = []
            for index in rules.indices where rules[index].fires(for: call) {
                actions.append(rules[index].action)
                guard case .latency = rules[index].action else { break }
            }
            return actions
        }
    }
}
