/// Which requests go wrong, and how.
struct FaultRule: Sendable {
    /// The rule as it was given.
    let source: Value
    let action: FaultAction
    private(set) var fired = 0
    private var toSkip: Int
    private let times: Int?
    /// Each so manyth request that is meant, and not those between.
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

    /// Whether the request is meant, and the rule not used up.
    ///
    /// - Parameter call: `nil` for a path that is no resource's, such as discovery's: a `get` of nothing that could be
    ///   named, so that only a rule that names nothing means it.
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

    /// A rule that names the subresource `null` means the object itself; one without the key means both.
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
    /// The name that the body of a create gives.
    var bodyName: String? {
        guard verb == .create, let value = try? Value(parsing: body) else { return nil }
        return value.name.isEmpty ? nil : value.name
    }
}
