/// How a response shows objects: whole, as their metadata alone, or as a table.
struct Presentation: Sendable {
    let operation: Operation

    private var format: ResponseFormat { operation.format }

    /// One object; as a table it is one row.
    ///
    /// - Parameter hasColumns: Whether a table says what its columns are.
    func value(_ object: StoredObject, hasColumns: Bool = true) -> Value {
        switch format {
        case .json, .aggregatedDiscovery: operation.presented(object)
        case .partialObjectMetadata: PartialObjectMetadata.object(object.value)
        case .table:
            table.value(
                of: [operation.presented(object)], metadata: ListMetadata(resourceVersion: "\(object.resourceVersion)"),
                including: included, now: operation.now, hasColumns: hasColumns)
        }
    }

    /// The list of a page.
    func list(_ page: ListPage) -> Value {
        let metadata = ListMetadata(
            resourceVersion: "\(page.resourceVersion)", continuation: page.continuation, remaining: page.remaining)
        switch format {
        case .json, .aggregatedDiscovery: return whole(page, metadata)
        case .partialObjectMetadata: return PartialObjectMetadata.list(page.objects.map(\.value), metadata: metadata)
        case .table:
            return table.value(
                of: page.objects.map { operation.presented($0) }, metadata: metadata, including: included,
                now: operation.now)
        }
    }

    private var table: Table { Table(operation.definition, version: operation.version) }

    private var included: Table.IncludedObject {
        operation.call.query["includeObject"].flatMap(Table.IncludedObject.init(rawValue:)) ?? .metadata
    }

    private func whole(_ page: ListPage, _ metadata: ListMetadata) -> Value {
        let isCustom = operation.definition.origin == .custom
        var metadata = metadata.value
        // Lists of custom resources say that there is no next page; typed ones say nothing.
        if isCustom { metadata["continue"] = .string(page.continuation) }
        let items = page.objects.map { object in
            var value = operation.presented(object)
            // The items of a typed list do not say what they are.
            if !isCustom {
                value["apiVersion"] = nil
                value["kind"] = nil
            }
            return value
        }
        return [
            "apiVersion": .string(operation.definition.apiVersion(operation.version)),
            "kind": .string(operation.definition.listKind), "metadata": metadata, "items": .array(items),
        ]
    }
}
