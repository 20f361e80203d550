import Components
import JSON
import OpenAPI

/// What a dry run of a deployment answers.
enum PlanSchemas {
    /// What would be done.
    static let plan = JSONValue.closedObject(
        [
            "components": [
                "type": "object", "additionalProperties": component, "description": "The components by name.",
            ],
            "overlap": ["type": "string", "enum": .strings(DeploymentOptions.Overlap.allCases.map(\.rawValue))],
            "overlaps-with": [
                "type": "array", "items": ["type": "string"],
                "description": "The deployments that have not ended, the newest first.",
            ],
            "would-remove": [
                "type": "array", "items": ["type": "string"], "description": "The deployments that would make room.",
            ],
        ],
        optional: [
            "config": ["type": "object", "description": "The config, if it was fetched."],
            "config-source": .schema("ConfigSource"),
        ])

    private static let component = JSONValue.closedObject(
        [
            "action": ["type": "string", "enum": .strings(PlanView.actions)],
            "why": ["type": "string", "description": "Why, for people."],
        ],
        optional: [
            "reuse-from": ["type": "string", "description": "The component whose build it takes."],
            "reason": .schema("Reason"),
            "ref": ["type": "string", "description": "The branch, tag or commit that would be built."],
            "commit": ["type": "string", "description": "The commit that this is now, if it is known."],
            "was": .closedObject(
                ["build": ["type": "string", "description": "The newest good build."]],
                optional: ["commit": ["type": "string", "description": "The commit that it was made from."]]),
        ])
}
