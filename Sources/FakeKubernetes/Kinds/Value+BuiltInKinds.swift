extension Value {
    /// Fills in what the real server puts into every object of a built-in kind.
    mutating func prepare(as origin: ResourceDefinition.Origin) {
        switch origin {
        case .custom, .lease, .configMap: break
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
        case .pod:
            if self["status"] == nil { self["status"] = ["phase": "Pending", "qosClass": "BestEffort"] }
        case .customResourceDefinition: prepareCustomResourceDefinition()
        }
    }

    /// Brings the times of a built-in kind into the form in which the real server writes them.
    ///
    /// - Throws: What is wrong with the type of a field, in Go's words.
    mutating func normalizeFields(of origin: ResourceDefinition.Origin) throws(ValueSyntaxError) {
        switch origin {
        case .lease:
            guard var spec = self["spec"], spec.object != nil else { return }
            for key in ["acquireTime", "renewTime"] {
                spec[key] = try spec[key]?.normalizedTime(.micro, "LeaseSpec.spec.\(key)")
            }
            self["spec"] = spec
        case .event:
            self["eventTime"] = try self["eventTime"]?.normalizedTime(.micro, "Event.eventTime")
            for key in ["firstTimestamp", "lastTimestamp"] {
                self[key] = try self[key]?.normalizedTime(.rfc3339, "Event.\(key)")
            }
        case .custom, .namespace, .resourceQuota, .configMap, .pod, .customResourceDefinition: break
        }
    }

    /// - Returns: `nil` for `null`, which stands for a field that is absent.
    private func normalizedTime(_ layout: GoTime.Layout, _ field: String) throws(ValueSyntaxError) -> Value? {
        switch self {
        case .null: return nil
        case .string(let text): return .string(try GoTime(text, layout: layout).text(layout))
        default:
            throw ValueSyntaxError(
                message: "json: cannot unmarshal \(goKind) into Go struct field \(field) of type string")
        }
    }

    /// What is wrong with an object of a built-in kind, beyond its metadata.
    func problems(as origin: ResourceDefinition.Origin) -> [FieldError] {
        switch origin {
        case .custom, .namespace, .resourceQuota, .configMap, .pod: []
        case .lease: problemsOfLease
        case .event: problemsOfEvent
        case .customResourceDefinition: problemsOfCustomResourceDefinition
        }
    }

    private var problemsOfLease: [FieldError] {
        var errors: [FieldError] = []
        if let duration = at("spec", "leaseDurationSeconds")?.int, duration <= 0 {
            errors.append(
                FieldError(
                    .invalid, at: "spec.leaseDurationSeconds", value: .int(duration), detail: "must be greater than 0"))
        }
        if let transitions = at("spec", "leaseTransitions")?.int, transitions < 0 {
            errors.append(
                FieldError(
                    .invalid, at: "spec.leaseTransitions", value: .int(transitions),
                    detail: "must be greater than or equal to 0"))
        }
        return errors
    }

    /// The rules of `core/v1`: an event lies in its object's namespace, and one with an `eventTime` says who reports what.
    private var problemsOfEvent: [FieldError] {
        var errors: [FieldError] = []
        let involved = at("involvedObject", "namespace")?.string ?? ""
        let isOld = self["eventTime"]?.isNull ?? true
        // The events of objects without a namespace lie in `default`.
        let home = isOld ? ["default"] : ["default", "kube-system"]
        if involved.isEmpty ? !home.contains(namespace ?? "") : isOld && involved != namespace {
            errors.append(
                FieldError(
                    .invalid, at: "involvedObject.namespace", value: .string(involved),
                    detail: "does not match event.namespace"))
        }
        guard !isOld else { return errors }
        let reporter = self["reportingComponent"]?.string ?? ""
        if reporter.isEmpty { errors.append(FieldError(.required, at: "reportingComponent")) }
        errors += ObjectName.problemsOfKey(reporter).map {
            FieldError(.invalid, at: "reportingComponent", value: .string(reporter), detail: $0)
        }
        for (key, limit) in [("reportingInstance", 128), ("action", 128), ("reason", 128)] {
            let text = self[key]?.string ?? ""
            if text.isEmpty { errors.append(FieldError(.required, at: key)) }
            if text.utf8.count > limit {
                errors.append(
                    FieldError(.invalid, at: key, value: "", detail: "can have at most \(limit) characters"))
            }
        }
        if self["message"]?.string?.utf8.count ?? 0 > 1024 {
            errors.append(FieldError(.invalid, at: "message", value: "", detail: "can have at most 1024 characters"))
        }
        return errors
    }
}
