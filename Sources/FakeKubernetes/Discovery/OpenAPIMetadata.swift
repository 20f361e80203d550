/// What every kind's OpenAPI shares: the schemas of metadata, and common parameters.
enum OpenAPIMetadata {
    static let writeQuery = [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")]
    static let listQuery = [
        ("allowWatchBookmarks", "boolean"), ("continue", "string"), ("fieldSelector", "string"),
        ("labelSelector", "string"), ("limit", "integer"), ("resourceVersion", "string"), ("timeoutSeconds", "integer"),
        ("watch", "boolean"),
    ]

    /// The name of a shared schema.
    static func name(_ kind: String) -> String { "io.k8s.apimachinery.pkg.apis.meta.v1.\(kind)" }

    static func reference(to schema: String) -> Value { ["$ref": "#/components/schemas/\(schema)"] }

    /// A property that is a shared schema.
    static func member(_ kind: String, _ description: String) -> Value {
        ["description": .string(description), "allOf": [reference(to: name(kind))]]
    }

    static func parameter(_ name: String, in place: String, type: String) -> Value {
        var parameter: Value = [
            "name": .string(name), "in": .string(place), "schema": ["type": .string(type), "uniqueItems": true],
        ]
        if place == "path" { parameter["required"] = true }
        return parameter
    }

    static let typeMembers: Members = [
        "apiVersion": text("The group and the version of this object's kind."),
        "kind": text("The kind of this object."),
    ]

    /// The schemas of metadata, and of what requests and answers have beside objects.
    static let schemas: Members = [
        name("ObjectMeta"): object(
            "What every object has.",
            [
                "annotations": texts("Anything that clients want to keep with the object."),
                "creationTimestamp": member("Time", "When the server stored the object first."),
                "deletionGracePeriodSeconds": number("How long the object may take to end."),
                "deletionTimestamp": member("Time", "When the object was asked to end."),
                "finalizers": list("Who must agree before the object goes.", of: ["type": "string"]),
                "generateName": text("The beginning of a name that the server makes."),
                "generation": number("Counts the changes of what is asked for."),
                "labels": texts("What objects can be selected by."),
                "managedFields": list("Who wrote which field.", of: reference(to: name("ManagedFieldsEntry"))),
                "name": text("Unique within the namespace and the kind."),
                "namespace": text("Where the object lives."),
                "ownerReferences": list("What the object belongs to.", of: reference(to: name("OwnerReference"))),
                "resourceVersion": text("The version of the object, which changes with each write."),
                "selfLink": text("Not used any more."),
                "uid": text("Tells this object from all that ever bore its name."),
            ]),
        name("ListMeta"): object(
            "What every list has.",
            [
                "continue": text("Where the next page begins."),
                "remainingItemCount": number("How many objects follow."),
                "resourceVersion": text("The version of the list."),
                "selfLink": text("Not used any more."),
            ]),
        name("ManagedFieldsEntry"): object(
            "The fields of one writer.",
            [
                "apiVersion": text("The version that they were written in."), "fieldsType": text("Always FieldsV1."),
                "fieldsV1": ["type": "object"], "manager": text("Who wrote them."),
                "operation": text("Apply or Update."), "subresource": text("Through which part of the object."),
                "time": member("Time", "When."),
            ]),
        name("OwnerReference"): object(
            "An object that another belongs to.",
            [
                "apiVersion": text("Its group and version."), "kind": text("Its kind."), "name": text("Its name."),
                "uid": text("Its uid."), "controller": ["type": "boolean"], "blockOwnerDeletion": ["type": "boolean"],
            ], required: ["apiVersion", "kind", "name", "uid"]),
        name("Status"): object(
            "What became of a request.",
            [
                "apiVersion": text("v1"), "kind": text("Status"), "code": number("The HTTP status."),
                "details": ["type": "object"], "message": text("For people."), "metadata": ["type": "object"],
                "reason": text("For programs."), "status": text("Success or Failure."),
            ]),
        name("Patch"): ["description": "A change of an object.", "type": "object"],
        name("Time"): ["description": "A time in UTC.", "type": "string", "format": "date-time"],
    ]

    private static func object(_ description: String, _ properties: Members, required: [Value] = []) -> Value {
        var schema: Value = [
            "description": .string(description), "type": "object", "properties": .object(properties),
        ]
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }

    private static func text(_ description: String) -> Value {
        ["description": .string(description), "type": "string"]
    }

    private static func number(_ description: String) -> Value {
        ["description": .string(description), "type": "integer", "format": "int64"]
    }

    private static func texts(_ description: String) -> Value {
        ["description": .string(description), "type": "object", "additionalProperties": ["type": "string"]]
    }

    private static func list(_ description: String, of items: Value) -> Value {
        ["description": .string(description), "type": "array", "items": items]
    }
}
