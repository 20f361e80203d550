import JSON

/// The place of a value in a config, as `components.web.build` or `components.web.run.ports[0]`; a key that needs quotes
/// has them: `components["my app"]`.
struct ConfigPath {
    static let root = ConfigPath(text: "", keys: [])

    /// A longer key is quoted, which cuts it.
    private static let maximumPlainLength = 80

    let text: String
    /// The keys and indices that lead to it.
    let keys: [String]

    subscript(key: String) -> ConfigPath {
        let isPlain =
            !key.isEmpty && key.utf8.count <= Self.maximumPlainLength
            && key.utf8.allSatisfy {
                DNSLabel.isLowercaseLetter($0 | 0x20) || DNSLabel.isDigit($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "_")
            }
        guard isPlain else { return ConfigPath(text: "\(text)[\(key.quotedForMessage)]", keys: keys + [key]) }
        return ConfigPath(text: text.isEmpty ? key : "\(text).\(key)", keys: keys + [key])
    }

    subscript(index: Int) -> ConfigPath { ConfigPath(text: "\(text)[\(index)]", keys: keys + ["\(index)"]) }
}
