/// A kind of objects that the server serves.
struct ResourceDefinition: Sendable {
    /// Where it comes from, which decides how its objects look and behave.
    enum Origin: Sendable, Equatable {
        /// By a CRD, or as if it were: Tekton's kinds are built in without their schema.
        case custom
        case namespace, event, resourceQuota, lease, customResourceDefinition
    }

    /// One version of a kind; all of them show the same stored objects.
    struct Version: Sendable {
        var name: String
        /// `nil`: any field is kept.
        var schema: StructuralSchema?
        /// The schema as the CRD has it, for OpenAPI.
        var schemaDocument: Value?
        /// The CRD's `additionalPrinterColumns`.
        var printerColumns: [Value] = []
        var hasStatus: Bool
    }

    var origin: Origin
    var group: String
    var plural: String
    var singular: String
    var kind: String
    var listKind: String
    var shortNames: [String] = []
    var categories: [String] = []
    var isNamespaced = true
    var versions: [Version]

    var groupResource: GroupResource { GroupResource(group: group, resource: plural) }
    /// The kind with its group, as messages about invalid objects have it.
    var groupKind: GroupResource { GroupResource(group: group, resource: kind) }

    func version(_ name: String) -> Version? { versions.first { $0.name == name } }

    func apiVersion(_ version: Version) -> String { group.isEmpty ? version.name : "\(group)/\(version.name)" }

    /// Whether a replace without a resourceVersion is taken as "whatever is there now".
    var allowsUnconditionalUpdate: Bool {
        switch origin {
        case .custom, .customResourceDefinition, .lease: false
        case .namespace, .event, .resourceQuota: true
        }
    }

    /// Whether objects count the changes of what is asked for in `metadata.generation`.
    var hasGeneration: Bool { origin == .custom || origin == .customResourceDefinition }
}
