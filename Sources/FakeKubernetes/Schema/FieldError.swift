/// One mistake in an object: what the server reports as a cause of `Invalid`.
struct FieldError: Error, Equatable, CustomStringConvertible {
    /// The values of `details.causes[].reason`.
    enum Reason: String {
        case invalid = "FieldValueInvalid"
        case required = "FieldValueRequired"
        case notSupported = "FieldValueNotSupported"
        case typeInvalid = "FieldValueTypeInvalid"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"

        /// How the message begins.
        fileprivate var title: String {
            switch self {
            case .invalid, .typeInvalid: "Invalid value"
            case .required: "Required value"
            case .notSupported: "Unsupported value"
            case .duplicate: "Duplicate value"
            case .forbidden: "Forbidden"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            }
        }
    }

    /// The path, such as `spec.builds[0].name`; `<nil>` where there is none.
    let field: String
    let reason: Reason
    /// The message without the path, such as `Invalid value: 0: must be positive`.
    let message: String

    /// - Parameters:
    ///   - value: What was found there; `nil` leaves it out of the message.
    ///   - detail: What is expected there; may be empty.
    init(_ reason: Reason, at field: String, value: Value? = nil, detail: String = "") {
        self.field = field
        self.reason = reason
        message = ([reason.title] + [value?.goDescription, detail].compactMap(\.self).filter { !$0.isEmpty })
            .joined(separator: ": ")
    }

    /// The message with the path, as it stands in the text of a `Status`.
    var description: String { "\(field): \(message)" }

    /// The text of all mistakes: one alone as it is, several in brackets, no text twice.
    static func text(of errors: [FieldError]) -> String {
        var texts: [String] = []
        for error in errors where !texts.contains(where: { $0.isSameText(as: error.description) }) {
            texts.append(error.description)
        }
        return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    }
}

extension Value {
    /// The value as Go prints it into a message.
    fileprivate var goDescription: String {
        switch self {
        case .null: "null"
        case .bool(let bool): String(bool)
        case .int(let int): String(int)
        case .string(let string): string.goQuoted
        case .double, .array, .object: text
        }
    }
}
