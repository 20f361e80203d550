import JSON
import Testing

/// A text, and what RFC 8259 says about it.
///
/// A name that begins with `y_` says that every reader must accept the text, `n_` that none may, `i_` that the RFC leaves
/// it to the reader.
struct JSONCase: Sendable, CustomTestStringConvertible {
    var name: String
    var text: [UInt8]
    /// The rule of ours that refuses the text although it is valid JSON, if there is one.
    var rule: JSONError.Rule?

    init(_ name: String, _ text: String, refusedBy rule: JSONError.Rule? = nil) {
        self.init(name, bytes: Array(text.utf8), refusedBy: rule)
    }

    init(_ name: String, bytes: [UInt8], refusedBy rule: JSONError.Rule? = nil) {
        self.name = name
        text = bytes
        self.rule = rule
    }

    var testDescription: String { name }
}
