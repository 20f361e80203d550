/// The rules for the keys and values of labels; the messages are the real server's.
enum LabelSyntax {
    /// What is wrong with a key, `example.org/name` or `name`; none: nothing.
    static func mistakes(inKey key: String) -> [String] {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var mistakes: [String] = []
        switch parts.count {
        case 1: break
        case 2 where parts[0].isEmpty: mistakes.append("prefix part must be non-empty")
        case 2:
            if parts[0].count > 253 { mistakes.append("prefix part must be no more than 253 bytes") }
            if !isSubdomain(parts[0]) {
                mistakes.append(
                    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
                        + "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
            }
        default:
            return [
                "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                    + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
                    + "(e.g. 'example.com/MyName')"
            ]
        }
        let name = parts[parts.count - 1]
        if name.isEmpty { mistakes.append("name part must be non-empty") }
        if name.count > 63 { mistakes.append("name part must be no more than 63 bytes") }
        if name.isEmpty || !isName(name) {
            mistakes.append(
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
                    + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")
        }
        return mistakes
    }

    /// What is wrong with a value, of which an empty one is fine; none: nothing.
    static func mistakes(inValue value: String) -> [String] {
        var mistakes: [String] = []
        if value.utf8.count > 63 { mistakes.append("must be no more than 63 bytes") }
        if !value.isEmpty, !isName(value.utf8[...]) {
            mistakes.append(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
                    + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
                    + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
        }
        return mistakes
    }

    private static func isName(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, let last = text.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return false
        }
        return text.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isSubdomain(_ text: Substring.UTF8View) -> Bool {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            let dash = UInt8(ascii: "-")
            return first != dash && last != dash
                && label.allSatisfy { $0 == dash || (isAlphanumeric($0) && !(0x41...0x5A).contains($0)) }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
