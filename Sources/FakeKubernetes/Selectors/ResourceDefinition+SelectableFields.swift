extension ResourceDefinition {
    /// What any kind can be selected by; a custom resource by nothing else.
    static let fieldsOfAllKinds: Set<String> = ["metadata.name", "metadata.namespace"]

    /// What `kubectl describe` and `kubectl events` find the events of an object by.
    private static let fieldsOfEvents: Set<String> = [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "type",
        "reportingComponent",
    ]

    /// The fields that objects of the kind can be selected by.
    var selectableFields: Set<String> {
        origin == .event ? Self.fieldsOfAllKinds.union(Self.fieldsOfEvents) : Self.fieldsOfAllKinds
    }
}
