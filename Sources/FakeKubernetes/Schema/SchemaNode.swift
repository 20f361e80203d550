/// One schema inside a structural schema; a class, because schemas nest.
final class SchemaNode: Sendable {
    enum Kind: String {
        case object, array, string, integer, number, boolean
    }

    /// The transition rule `self == oldSelf`: the value must never change.
    struct Immutability {
        let reason: FieldError.Reason
        let message: String
    }

    struct Limits {
        var length: (minimum: Int64?, maximum: Int64?)
        var items: (minimum: Int64?, maximum: Int64?)
        var properties: (minimum: Int64?, maximum: Int64?)
        var minimum: Bound?
        var maximum: Bound?
    }

    struct Bound {
        let value: Double
        let isExclusive: Bool
    }

    enum Format: String {
        case int32, int64, float, double
        case dateTime = "date-time"
    }

    /// The types that a value may have; empty: any, where unknown fields are kept.
    let kinds: [Kind]
    let isNullable: Bool
    let preservesUnknownFields: Bool
    let properties: [(name: String, schema: SchemaNode)]
    let additionalProperties: SchemaNode?
    let items: SchemaNode?
    let required: [String]
    let limits: Limits
    let pattern: SchemaPattern?
    let format: Format?
    let allowed: [Value]
    let defaultValue: Value?
    let immutability: [Immutability]

    init(
        kinds: [Kind], isNullable: Bool, preservesUnknownFields: Bool,
        properties: [(name: String, schema: SchemaNode)], additionalProperties: SchemaNode?, items: SchemaNode?,
        required: [String], limits: Limits, pattern: SchemaPattern?, format: Format?, allowed: [Value],
        defaultValue: Value?, immutability: [Immutability]
    ) {
        self.kinds = kinds
        self.isNullable = isNullable
        self.preservesUnknownFields = preservesUnknownFields
        self.properties = properties
        self.additionalProperties = additionalProperties
        self.items = items
        self.required = required
        self.limits = limits
        self.pattern = pattern
        self.format = format
        self.allowed = allowed
        self.defaultValue = defaultValue
        self.immutability = immutability
    }

    /// The schema of a declared property.
    func property(_ name: String) -> SchemaNode? {
        properties.first { $0.name.isSameText(as: name) }?.schema
    }

    /// The schema of a member: its own, or that of the additional ones.
    func member(_ name: String) -> SchemaNode? { property(name) ?? additionalProperties }

    /// Whether this schema, or one inside it, has a transition rule.
    var hasRules: Bool {
        !immutability.isEmpty || properties.contains { $0.schema.hasRules } || additionalProperties?.hasRules ?? false
            || items?.hasRules ?? false
    }
}
