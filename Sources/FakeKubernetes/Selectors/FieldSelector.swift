/// A field selector, `metadata.name=a,metadata.namespace!=b`.
struct FieldSelector: Sendable, Equatable {
    struct Requirement: Sendable, Equatable {
        /// `metadata.name`, in parts.
        let path: [String]
        let value: String
        let isEqual: Bool
    }

    /// All must hold; none: everything is selected.
    let requirements: [Requirement]

    /// - Parameter supported: The fields that may be selected by.
    /// - Throws: `SelectorError` with the real server's message.
    init(
        parsing text: String, supported: Set<String> = ResourceDefinition.fieldsOfAllKinds
    ) throws(SelectorError) {
        var requirements: [Requirement] = []
        for term in Self.terms(text) where !term.isEmpty {
            guard let (field, isEqual, escaped) = Self.split(term), let value = Self.unescape(escaped) else {
                throw SelectorError(message: "invalid selector: '\(text)'; can't understand '\(term)'")
            }
            guard supported.contains(field) else {
                throw SelectorError(message: "field label not supported: \(field)")
            }
            let path = field.split(separator: ".").map(String.init)
            requirements.append(Requirement(path: path, value: value, isEqual: isEqual))
        }
        self.requirements = requirements
    }

    /// Whether the object is selected; a field that it does not have is empty.
    func matches(_ object: Value) -> Bool {
        requirements.allSatisfy { requirement in
            let field = requirement.path.reduce(object) { $0[$1] ?? .null }
            // Integers and booleans are selected by their text; an absent field is empty.
            let text = field.string ?? (field.isNull ? "" : field.text)
            return text.isSameText(as: requirement.value) == requirement.isEqual
        }
    }

    /// The parts between commas that are not escaped, still escaped.
    private static func terms(_ text: String) -> [String] {
        var terms = [""]
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == ",", !isEscaped {
                terms.append("")
            } else {
                terms[terms.count - 1].unicodeScalars.append(scalar)
            }
            isEscaped = scalar == "\\" && !isEscaped
        }
        return terms
    }

    private static func split(_ term: String) -> (field: String, isEqual: Bool, value: String)? {
        for (index, character) in zip(term.indices, term) where character == "=" || character == "!" {
            let rest = term[index...]
            for (symbol, isEqual) in [("!=", false), ("==", true), ("=", true)] where rest.hasPrefix(symbol) {
                return (String(term[..<index]), isEqual, String(rest.dropFirst(symbol.count)))
            }
        }
        return nil
    }

    /// `\\`, `\,` and `\=` are the escapes; `nil` for another one, and for `=` or `,` without one.
    private static func unescape(_ text: String) -> String? {
        var result = ""
        var isEscaped = false
        for character in text {
            switch (isEscaped, character) {
            case (true, "\\"), (true, ","), (true, "="):
                result.append(character)
                isEscaped = false
            case (true, _), (false, ","), (false, "="): return nil
            case (false, "\\"): isEscaped = true
            case (false, _): result.append(character)
            }
        }
        return isEscaped ? nil : result
    }
}

extension ResourceDefinition {
    /// The fields that objects of any kind can be selected by.
    static let fieldsOfAllKinds: Set<String> = ["metadata.name", "metadata.namespace"]

    private static let fieldsOfEvents: Set<String> = [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "type",
        "reportingComponent",
    ]

    private static let fieldsOfPods: Set<String> = [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
    ]

    /// The fields that objects of the kind can be selected by in one of its versions.
    func selectableFields(in version: Version) -> Set<String> {
        let own: Set<String> =
            switch origin {
            case .event: Self.fieldsOfEvents
            case .pod: Self.fieldsOfPods
            case .custom: version.selectableFields
            case .namespace, .resourceQuota, .lease, .configMap, .customResourceDefinition: []
            }
        return Self.fieldsOfAllKinds.union(own)
    }
}
