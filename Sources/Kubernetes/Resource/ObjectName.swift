/// The rules for what may stand in a path as a name.
///
/// They hold for all custom resources and most kinds of Kubernetes. Names of RBAC's kinds may hold a `:`; those are not
/// served, because nothing that needs an escape may reach a path.
enum ObjectName {
    /// RFC 1123's subdomain: labels of lower-case letters, digits and `-`, joined by dots, 253 characters in all.
    static func isSubdomain(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// RFC 1123's label, as a namespace's name must be: 63 characters at most.
    static func isNamespace(_ text: String) -> Bool {
        text.utf8.count <= 63 && isLabel(Substring(text).utf8)
    }

    private static func isLabel(_ text: Substring.UTF8View) -> Bool {
        let dash = UInt8(ascii: "-")
        guard let first = text.first, let last = text.last, first != dash, last != dash else { return false }
        return text.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == dash
        }
    }
}
