import Yams

extension Value {
    /// Reads one YAML document; JSON is also YAML.
    ///
    /// - Throws: `ValueSyntaxError` with the parser's message.
    init(yaml text: [UInt8]) throws(ValueSyntaxError) {
        let documents = try Value.documents(yaml: text)
        self = documents.first ?? .null
    }

    /// Reads every document of a YAML stream.
    static func documents(yaml text: [UInt8]) throws(ValueSyntaxError) -> [Value] {
        do {
            return try Yams.compose_all(yaml: String(decoding: text, as: UTF8.self)).map { Value($0) }
        } catch {
            throw ValueSyntaxError(message: "error converting YAML to JSON: \(error)")
        }
    }

    private init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .object(Members(mapping.map { ($0.key.scalar?.string ?? "", Value($0.value)) }))
        case .sequence(let sequence): self = .array(sequence.map { Value($0) })
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else {
                self = .string(scalar.string)
                return
            }
            if node.null != nil {
                self = .null
            } else if let bool = Bool(scalar.string) {
                self = .bool(bool)
            } else if let int = Int64(scalar.string) {
                self = .int(int)
            } else if let double = node.float, double.isFinite {
                self = .double(double)
            } else {
                self = .string(scalar.string)
            }
        case .alias: self = .null
        }
    }
}
