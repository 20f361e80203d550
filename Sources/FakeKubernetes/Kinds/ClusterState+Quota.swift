extension ClusterState {
    /// The quotas that a new object counts against, with the object included in their usage.
    ///
    /// Only counts of objects are enforced (`count/PLURAL.GROUP`).
    /// - Throws: `Forbidden` if one of them is full.
    func chargedQuotas(for object: Value, _ operation: Operation) throws(StatusError) -> [Value] {
        guard operation.definition.isNamespaced else { return [] }
        let key = Self.quotaKey(operation.resource)
        var charged: [Value] = []
        for (_, quota) in table(ResourceDefinition.quotas).objects(in: operation.namespace) {
            guard let hard = quota.value.at("spec", "hard")?[key]?.quantity else { continue }
            let used = table(operation.resource).count(in: operation.namespace)
            guard used + 1 <= hard else {
                throw .forbidden(
                    operation.resource, object.name,
                    "exceeded quota: \(quota.value.name), requested: \(key)=1, used: \(key)=\(used), "
                        + "limited: \(key)=\(hard)")
            }
            var value = quota.value
            value.set(.string(String(used + 1)), at: "status", "used", key)
            charged.append(value)
        }
        return charged
    }

    /// Counts again after an object was removed.
    ///
    /// The real server does so with a delay.
    mutating func releaseQuotas(for resource: GroupResource, in namespace: String) throws(StatusError) {
        let key = Self.quotaKey(resource)
        let quotas = table(ResourceDefinition.quotas).objects(in: namespace).map(\.object)
        for quota in quotas where quota.value.at("spec", "hard")?[key] != nil { try countUsage(of: quota.value) }
    }

    /// Updates the usage in a quota's status.
    mutating func countUsage(of quota: Value) throws(StatusError) {
        var value = quota
        let hard = quota.at("spec", "hard") ?? [:]
        var used = Value.object([:])
        for (key, _) in hard.object ?? [:] {
            let resource = definitions.keys.first { Self.quotaKey($0) == key }
            let count = resource.map { table($0).count(in: quota.namespace ?? "") } ?? 0
            used[key] = .string(String(count))
        }
        value["status"] = ["hard": hard, "used": used]
        if value != quota { try store(value, as: ResourceDefinition.quotas) }
    }

    private static func quotaKey(_ resource: GroupResource) -> String { "count/\(resource)" }
}

extension Value {
    /// A whole number that is written as one or as a string.
    fileprivate var quantity: Int? { int.map { Int($0) } ?? string.flatMap { Int($0) } }
}
