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
    static let pipelineRuns = GroupResource(group: "tekton.dev", resource: "pipelineruns")
}
