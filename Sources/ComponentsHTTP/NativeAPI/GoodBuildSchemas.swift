import Components
import JSON
import OpenAPI

/// What stands in the answer of `GET /api/v1/tool/{tool}/components`.
enum GoodBuildSchemas {
    /// All of them by name.
    static let all: [(name: String, schema: JSONValue)] = [
        ("ComponentsEnvelope", Envelope.schema(of: "Components")),
        (
            "Components",
            .closedObject([
                "components": [
                    "type": "object", "additionalProperties": .schema("GoodBuild"),
                    "description": "The newest good build by component.",
                ]
            ])
        ),
        (
            "GoodBuild",
            .closedObject(
                [
                    "build-id": ["type": "string", "description": "The name by which `toolforge build` knows it."],
                    "deploy-id": .schema("DeployID"),
                    "repository": ["type": "string", "description": "The URL of the git repository."],
                    "requested": NativeSchemas.time,
                ],
                optional: [
                    "ref": ["type": "string", "description": "The branch, tag or commit that was asked for."],
                    "commit": ["type": "string", "description": "The commit that was built."],
                    "image": ["type": "string", "description": "The image that was built, with its digest."],
                    "digest": ["type": "string", "description": "The digest of the image."],
                    "builder": ["type": "string", "description": "The image of the buildpacks that built it."],
                    "built": NativeSchemas.time,
                ])
        ),
    ]

    /// A component that has been built.
    static let example: JSONValue = [
        "components": [
            "web": [
                "build-id": "demo-buildpacks-pipelinerun-3f8a0c5d9b21",
                "deploy-id": "demo-deploy-20261122-101500-48213",
                "repository": "https://gitlab.wikimedia.org/toolforge-repos/demo",
                "commit": "5c8f4b1d7e2a9036cf41d8b7a5e3f20914c6d8ab",
                "requested": "2026-11-22 10:15:00", "built": "2026-11-22 10:17:31",
            ]
        ]
    ]
}
