import JSON

/// Where in a config something stands, as `components.web.build`; a key that would be misread so is quoted:
/// `components["my app"]`.
struct ConfigPath {
    static let root = ConfigPath(text: "")

    let text: String

    subscript(key: String) -> ConfigPath {
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy {
                DNSLabel.isLowercaseLetter($0 | 0x20) || DNSLabel.isDigit($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "_")
            }
        guard isPlain else { return ConfigPath(text: "\(text)[\(key.quotedForMessage)]") }
        return ConfigPath(text: text.isEmpty ? key : "\(text).\(key)")
    }
}
