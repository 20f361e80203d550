extension Value {
    /// Fills in what the real server puts into every object of a built-in kind.
    mutating func prepare(as origin: ResourceDefinition.Origin) {
        switch origin {
        case .custom, .lease: break
        case .namespace:
            set(.string(name), at: "metadata", "labels", "kubernetes.io/metadata.name")
            if self["spec"] == nil { self["spec"] = ["finalizers": ["kubernetes"]] }
            if at("status", "phase") == nil { set("Active", at: "status", "phase") }
        case .event:
            for key in ["eventTime", "firstTimestamp", "lastTimestamp"] where self[key] == nil { self[key] = .null }
            for key in ["involvedObject", "source"] where self[key] == nil { self[key] = [:] }
            for key in ["reportingComponent", "reportingInstance"] where self[key] == nil { self[key] = "" }
        case .resourceQuota:
            if self["spec"] == nil { self["spec"] = [:] }
            if self["status"] == nil { self["status"] = [:] }
        case .customResourceDefinition: prepareCustomResourceDefinition()
        }
    }

    /// What is wrong with an object of a built-in kind, beyond its metadata.
    func problems(as origin: ResourceDefinition.Origin) -> [FieldError] {
        switch origin {
        case .custom, .lease, .namespace, .resourceQuota: []
        case .event:
            if let involved = at("involvedObject", "namespace")?.string, !involved.isEmpty, involved != namespace {
                [
                    FieldError(
                        .invalid, at: "involvedObject.namespace", value: .string(involved),
                        detail: "does not match event.namespace")
                ]
            } else {
                []
            }
        case .customResourceDefinition: problemsOfCustomResourceDefinition
        }
    }
}
