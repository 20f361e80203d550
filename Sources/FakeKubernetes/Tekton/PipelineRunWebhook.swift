/// Tekton's admission webhook for PipelineRuns: what it fills in, and what it refuses.
enum PipelineRunWebhook {
    private static let statuses = ["Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending"]
    private static let fields: Set<String> = [
        "managedBy", "params", "pipelineRef", "pipelineSpec", "status", "taskRunSpecs", "taskRunTemplate", "timeouts",
        "workspaces",
    ]

    /// The fields of a spec that Tekton does not know; the API server drops them.
    static func unknownFields(of spec: Value) -> [String] {
        (spec.object ?? [:]).keys.filter { !fields.contains($0) }
    }

    /// The spec with Tekton's defaults, durations as Go writes them, and parameters that are strings or lists.
    ///
    /// - Throws: 400 for a spec that Tekton cannot decode.
    static func defaulted(_ spec: Value) throws(StatusError) -> Value {
        var spec = spec
        if let parameters = spec["params"]?.array {
            guard parameters.allSatisfy({ $0["value"] != nil && $0["value"] != .null }) else {
                throw refusedMutation(
                    "cannot create patch for round tripped newBytes: cannot marshal interface: json: error calling "
                        + "MarshalJSON for type *v1.ParamValue: impossible ParamValues.Type: \"\"")
            }
            spec["params"] = .array(
                parameters.map { parameter in
                    var parameter = parameter
                    switch parameter["value"] {
                    case .int, .double, .bool: parameter["value"] = parameter["value"].map { .string($0.text) }
                    default: break
                    }
                    return parameter
                })
        }
        if spec.at("taskRunTemplate", "serviceAccountName") == nil {
            spec.set("default", at: "taskRunTemplate", "serviceAccountName")
        }
        for (key, value) in spec["timeouts"]?.object ?? [:] {
            let text = value.string ?? value.text
            guard let duration = GoDuration(text.hasPrefix("-") ? String(text.dropFirst()) : text) else {
                throw refusedMutation("cannot decode incoming new object: time: invalid duration \(text.goQuoted)")
            }
            spec.set(.string((text.hasPrefix("-") ? "-" : "") + duration.description), at: "timeouts", key)
        }
        if spec.at("timeouts", "pipeline") == nil { spec.set("1h0m0s", at: "timeouts", "pipeline") }
        return spec
    }

    /// Checks a run after its defaults.
    ///
    /// - Parameter old: The run before the request; `nil` if it is created.
    /// - Throws: 400 with everything that is wrong.
    static func check(_ run: Value, old: Value?) throws(StatusError) {
        var problems: [String] = []
        let spec = run["spec"] ?? [:]
        if run.name.utf8.count > 63 {
            problems.append("Invalid resource name: length must be no more than 63 characters: metadata.name")
        }
        if old == nil || old?["spec"] != spec { problems += self.problems(of: spec) }
        if let old { problems += try changes(from: old, to: spec) }
        guard problems.isEmpty else {
            throw .badRequest(
                "admission webhook \"validation.webhook.pipeline.tekton.dev\" denied the request: validation failed: "
                    + problems.joined(separator: "\n"))
        }
    }

    private static func problems(of spec: Value) -> [String] {
        var problems: [String] = []
        var names: Set<String> = []
        for parameter in spec["params"]?.array ?? [] {
            let name = parameter["name"]?.string ?? ""
            if !names.insert(name).inserted {
                problems.append("expected exactly one, got both: spec.params[\(name)].name")
            }
        }
        if let pipeline = spec["pipelineSpec"]?.object,
            pipeline.values.allSatisfy({ $0 == [] || $0 == "" || $0.isNull })
        {
            let keys = ["description", "params", "resources", "tasks", "workspaces"].map { "spec.pipelineSpec.\($0)" }
            problems.append("expected at least one, got none: \(keys.joined(separator: ", "))")
        }
        switch (spec["pipelineRef"], spec["pipelineSpec"]) {
        case (nil, nil): problems.append("expected exactly one, got neither: spec.pipelineRef, spec.pipelineSpec")
        case (_?, _?): problems.append("expected exactly one, got both: spec.pipelineRef, spec.pipelineSpec")
        default: break
        }
        if let status = spec["status"]?.string, !status.isEmpty, !statuses.contains(status) {
            problems.append(
                "invalid value: \(status) should be Cancelled, CancelledRunFinally, StoppedRunFinally or "
                    + "PipelineRunPending: spec.status")
        }
        return problems + problemsOfTimeouts(spec["timeouts"] ?? [:])
            + problemsOfWorkspaces(spec["workspaces"]?.array ?? [])
    }

    private static func problemsOfTimeouts(_ timeouts: Value) -> [String] {
        let whole = timeouts["pipeline"]?.string.flatMap { GoDuration($0) }
        return (timeouts.object ?? [:]).flatMap { key, value -> [String] in
            let text = value.string ?? ""
            if text.hasPrefix("-") { return ["invalid value: \(text) should be >= 0: spec.timeouts.\(key)"] }
            if key != "pipeline", let whole, whole.duration > .zero, let part = GoDuration(text),
                part.duration > whole.duration
            {
                return ["invalid value: \(text) should be <= pipeline duration: spec.timeouts.\(key)"]
            }
            return []
        }
    }

    private static func problemsOfWorkspaces(_ workspaces: [Value]) -> [String] {
        var problems: [String] = []
        var first: [String: Int] = [:]
        let sources = ["configMap", "emptyDir", "persistentVolumeClaim", "secret", "volumeClaimTemplate"]
        let otherSources = ["projected", "csi"]
        for (index, workspace) in workspaces.enumerated() {
            let name = workspace["name"]?.string ?? ""
            if let earlier = first[name] {
                problems.append(
                    "workspace \(name.goQuoted) provided by pipelinerun more than once, at index \(earlier) and \(index): "
                        + "spec.workspaces[\(index)].name")
            } else {
                first[name] = index
            }
            if !(sources + otherSources).contains(where: { workspace[$0] != nil }) {
                let keys = sources.map { "spec.workspaces[\(index)].\($0.lowercased())" }
                problems.append("expected exactly one, got neither: \(keys.joined(separator: ", "))")
            }
        }
        return problems
    }

    /// What is wrong with a change: nothing of a spec may change but its status, and after the end not even that.
    private static func changes(from old: Value, to spec: Value) throws(StatusError) -> [String] {
        var before = try defaulted(old["spec"] ?? [:])
        let run = PipelineRun(old)
        if run.hasEnded {
            return before == spec
                ? [] : ["invalid value: Once the PipelineRun is complete, no updates are allowed: spec"]
        }
        if spec["status"] == "PipelineRunPending", before["status"] != "PipelineRunPending", run.hasBegun {
            return ["invalid value: PipelineRun cannot be Pending after it is started: spec.status"]
        }
        before["status"] = spec["status"]
        return before == spec
            ? [] : ["invalid value: Once the PipelineRun has started, only status updates are allowed: spec"]
    }

    private static func refusedMutation(_ why: String) -> StatusError {
        .badRequest("admission webhook \"webhook.pipeline.tekton.dev\" denied the request: mutation failed: \(why)")
    }
}

extension Operation {
    /// Whether Tekton's admission webhook is asked.
    private var concernsPipelineRuns: Bool { resource == ResourceDefinition.pipelineRuns }

    /// Lets the mutating webhook fill in what a PipelineRun lacks.
    func mutate(_ object: inout Value) throws(StatusError) {
        guard concernsPipelineRuns else { return }
        if isStatus {
            // The webhook writes the time out although it is missing, and the schema then refuses the `null`.
            guard let conditions = object.at("status", "conditions")?.array else { return }
            let errors = conditions.enumerated().filter { $0.element["lastTransitionTime"]?.string == nil }.map {
                FieldError(
                    .typeInvalid, at: "status.conditions[\($0.offset)].lastTransitionTime", value: "null",
                    detail: "conditions[\($0.offset)].lastTransitionTime in body must be of type string: \"null\"")
            }
            guard errors.isEmpty else { throw .invalid(definition.groupKind, object.name, errors) }
        } else {
            object["spec"] = try PipelineRunWebhook.defaulted(object["spec"] ?? [:])
        }
    }

    /// Lets the validating webhook check a PipelineRun, after all other checks.
    func checkAdmission(of object: Value, old: Value?) throws(StatusError) {
        guard concernsPipelineRuns, !isStatus else { return }
        try PipelineRunWebhook.check(object, old: old)
    }
}
