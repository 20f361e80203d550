import Synchronization

/// The fault rules, tried in their order.
final class FaultRules: Sendable {
    private let rules = Mutex<[FaultRule]>([])

    /// Replaces all rules.
    func replace(with value: Value) throws(StatusError) {
        let new = try Self.rules(value)
        rules.withLock { $0 = new }
    }

    /// Appends rules; the present ones keep their counts.
    func add(_ value: Value) throws(StatusError) {
        let new = try Self.rules(value)
        rules.withLock { $0 += new }
    }

    /// Removes the rules with that `id`.
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

    /// The faults of a request: any latencies, then at most one other.
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

/// A fault and the requests that it applies to.
struct FaultRule: Sendable {
    /// The rule as it was given.
    let source: Value
    let action: FaultAction
    private(set) var fired = 0
    private var toSkip: Int
    private let times: Int?
    /// The rule fires for the first and then for each `every`th request that matches.
    private let every: Int
    private var toPass = 0

    init(_ value: Value) throws(StatusError) {
        guard let action = value["action"] else { throw .badRequest("a fault without an action: \(value.text)") }
        self.action = try FaultAction(action)
        source = value
        toSkip = value["skip"]?.int.map { Int($0) } ?? 0
        times = value["times"]?.int.map { Int($0) }
        every = value["every"]?.int.map { max(1, Int($0)) } ?? 1
    }

    /// Whether the rule fires for a request: it matches, and is not used up.
    ///
    /// - Parameter call: `nil` for a path that is no resource's, such as discovery's: a `get` of nothing that could be
    ///   named, so that only a rule that names nothing matches it.
    mutating func fires(for call: APICall?) -> Bool {
        guard matches(call), times.map({ fired < $0 }) ?? true else { return false }
        guard toSkip == 0 else {
            toSkip -= 1
            return false
        }
        guard toPass == 0 else {
            toPass -= 1
            return false
        }
        toPass = every - 1
        fired += 1
        return true
    }

    private func matches(_ call: APICall?) -> Bool {
        guard let call else {
            return matches("verb", Verb.get.rawValue)
                && ["resource", "namespace", "name", "subresource"].allSatisfy { source[$0]?.string == nil }
        }
        return matches("verb", call.verb.rawValue) && matches("user", call.user)
            && matches("resource", call.path.resource)
            && matches("namespace", call.path.namespace) && matchesName(of: call) && matchesSubresource(of: call)
    }

    private func matches(_ key: String, _ actual: String?) -> Bool {
        guard let wanted = source[key]?.string else { return true }
        return wanted == actual
    }

    /// The subresource `null` matches the object itself; a rule without the key matches both.
    private func matchesSubresource(of call: APICall) -> Bool {
        guard let wanted = source["subresource"] else { return true }
        return wanted.string == call.path.subresource
    }

    private func matchesName(of call: APICall) -> Bool {
        guard let wanted = source["name"]?.string else { return true }
        guard let name = call.path.name ?? call.bodyName else { return false }
        return wanted.hasSuffix("*") ? name.hasPrefix(wanted.dropLast()) : name == wanted
    }
}

extension APICall {
    /// The name in the body of a create.
    var bodyName: String? {
        guard verb == .create, let value = try? Value(parsing: body) else { return nil }
        return value.name.isEmpty ? nil : value.name
    }
}
