/// Objects with their metadata alone.
enum PartialObjectMetadata {
    static func object(_ object: Value) -> Value {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": object["metadata"] ?? [:],
        ]
    }

    /// - Parameter metadata: That of the list.
    static func list(_ objects: [Value], metadata: ListMetadata) -> Value {
        [
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata.value,
            // A list of nothing has `null` here, unlike a list of whole objects.
            "items": objects.isEmpty ? .null : .array(objects.map { object($0) }),
        ]
    }
}

/// The metadata of a list as tables and lists of metadata have it: without what is empty.
struct ListMetadata: Sendable {
    var resourceVersion: String
    var continuation = ""
    var remaining: Int?

    var value: Value {
        var value: Value = ["resourceVersion": .string(resourceVersion)]
        if !continuation.isEmpty { value["continue"] = .string(continuation) }
        if let remaining { value["remainingItemCount"] = .int(Int64(remaining)) }
        return value
    }
}
