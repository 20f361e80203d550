import Components
import JSON

/// What a deployment would do, in the words of `POST /api/v1/tool/{tool}/deploy?dry-run=true`.
struct PlanView {
    /// What would be done.
    let plan: DeploymentPlan

    /// The components by name, and what would happen to other deployments.
    var json: JSONValue {
        var json: JSONObject = [
            "components": .object(JSONObject(plan.components.map { ($0.name, Self.json($0)) })),
            "overlap": .string(plan.overlap.rawValue),
            "overlaps-with": .strings(plan.overlapping),
            "would-remove": .strings(plan.removed),
        ]
        if let fetched = plan.fetched {
            json["config"] = fetched.document
            json["config-source"] = DeploymentView.json(fetched.fetch)
        }
        return .object(json)
    }

    /// What the user should know: sentences.
    var warnings: [String] {
        var warnings = plan.warnings
        if let id = plan.replayed {
            warnings.append(
                "A request with this Idempotency-Key has started the deployment \(id): another one would start nothing."
            )
        }
        if plan.overlap == .reject, let id = plan.overlapping.first {
            warnings.append("It would not be started: the deployment \(id) has not ended, and overlap is reject.")
        }
        return warnings
    }

    /// Every action.
    static let actions = ["build", "skip", "reuse", "fail"]

    private static func json(_ component: PlannedComponent) -> JSONValue {
        var json = JSONObject()
        switch component.action {
        case .build:
            json["action"] = "build"
        case .skip:
            json["action"] = "skip"
            json["reason"] = .string(Reason.unchanged.rawValue)
        case .reuse(let target):
            json["action"] = "reuse"
            json["reuse-from"] = .string(target)
        case .fail(let reason):
            json["action"] = "fail"
            json["reason"] = .string(reason.rawValue)
        }
        json["why"] = .string(component.why)
        json["ref"] = component.ref.map(JSONValue.string)
        json["commit"] = component.commit.map(JSONValue.string)
        if let was = component.was {
            var earlier: JSONObject = ["build": .string(was.build)]
            earlier["commit"] = was.commit.map(JSONValue.string)
            json["was"] = .object(earlier)
        }
        return .object(json)
    }
}
