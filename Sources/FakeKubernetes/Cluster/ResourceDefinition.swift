/// A kind of objects that the server serves.
struct ResourceDefinition: Sendable {
    /// The kind's origin, which decides how its objects look and behave.
    enum Origin: Sendable, Equatable {
        /// By a CRD, or as if it were: Tekton's kinds are built in without their schema.
        case custom
        case namespace, event, resourceQuota, lease, configMap, pod, customResourceDefinition
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
        /// The CRD's `selectableFields`, such as `status.phase`.
        var selectableFields: Set<String> = []
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

    /// Whether a replace without a resourceVersion replaces any version.
    var allowsUnconditionalUpdate: Bool {
        switch origin {
        case .custom, .customResourceDefinition, .lease: false
        case .namespace, .event, .resourceQuota, .configMap, .pod: true
        }
    }

    /// Whether a replace of an object that does not exist creates it.
    var allowsCreateOnUpdate: Bool { origin == .lease || origin == .event }

    /// Whether `metadata.generation` counts the changes of the spec.
    var hasGeneration: Bool { [.custom, .customResourceDefinition, .pod].contains(origin) }
}

extension ResourceDefinition {
    /// The kinds that the server has without a CRD.
    static let builtIn: [ResourceDefinition] = [
        ResourceDefinition(
            origin: .namespace, group: "", plural: "namespaces", singular: "namespace", kind: "Namespace",
            listKind: "NamespaceList", shortNames: ["ns"], isNamespaced: false,
            versions: [Version(name: "v1", hasStatus: true)]),
        ResourceDefinition(
            origin: .event, group: "", plural: "events", singular: "event", kind: "Event", listKind: "EventList",
            shortNames: ["ev"], versions: [Version(name: "v1", hasStatus: false)]),
        ResourceDefinition(
            origin: .resourceQuota, group: "", plural: "resourcequotas", singular: "resourcequota",
            kind: "ResourceQuota", listKind: "ResourceQuotaList", shortNames: ["quota"],
            versions: [Version(name: "v1", hasStatus: true)]),
        ResourceDefinition(
            origin: .lease, group: "coordination.k8s.io", plural: "leases", singular: "lease", kind: "Lease",
            listKind: "LeaseList", versions: [Version(name: "v1", hasStatus: false)]),
        ResourceDefinition(
            origin: .configMap, group: "", plural: "configmaps", singular: "configmap", kind: "ConfigMap",
            listKind: "ConfigMapList", shortNames: ["cm"], versions: [Version(name: "v1", hasStatus: false)]),
        ResourceDefinition(
            origin: .pod, group: "", plural: "pods", singular: "pod", kind: "Pod", listKind: "PodList",
            shortNames: ["po"], categories: ["all"], versions: [Version(name: "v1", hasStatus: true)]),
        ResourceDefinition(
            origin: .customResourceDefinition, group: "apiextensions.k8s.io", plural: "customresourcedefinitions",
            singular: "customresourcedefinition", kind: "CustomResourceDefinition",
            listKind: "CustomResourceDefinitionList", shortNames: ["crd", "crds"], categories: ["api-extensions"],
            isNamespaced: false, versions: [Version(name: "v1", hasStatus: true)]),
        tekton(kind: "PipelineRun", shortNames: ["pr", "prs"]),
        tekton(kind: "TaskRun", shortNames: ["tr", "trs"]),
    ]

    /// A kind of Tekton's, which keeps every field: the real one has a schema that does so too.
    private static func tekton(kind: String, shortNames: [String]) -> ResourceDefinition {
        let columns: [Value] = [
            ["name": "Succeeded", "type": "string", "jsonPath": #".status.conditions[?(@.type=="Succeeded")].status"#],
            ["name": "Reason", "type": "string", "jsonPath": #".status.conditions[?(@.type=="Succeeded")].reason"#],
            ["name": "StartTime", "type": "date", "jsonPath": ".status.startTime"],
            ["name": "CompletionTime", "type": "date", "jsonPath": ".status.completionTime"],
        ]
        let singular = kind.lowercased()
        return ResourceDefinition(
            origin: .custom, group: "tekton.dev", plural: singular + "s", singular: singular, kind: kind,
            listKind: kind + "List", shortNames: shortNames, categories: ["tekton", "tekton-pipelines"],
            versions: [Version(name: "v1", printerColumns: columns, hasStatus: true)])
    }

    static let namespaces = GroupResource(group: "", resource: "namespaces")
    static let quotas = GroupResource(group: "", resource: "resourcequotas")
    static let customResourceDefinitions = GroupResource(
        group: "apiextensions.k8s.io", resource: "customresourcedefinitions")
    static let pods = GroupResource(group: "", resource: "pods")
    static let pipelineRuns = GroupResource(group: "tekton.dev", resource: "pipelineruns")
    static let taskRuns = GroupResource(group: "tekton.dev", resource: "taskruns")
}
