/// The rules for a config that a schema can state: the one place from which documents about the config take them.
///
/// The numbers are those that the readers check. The patterns are regular expressions of ECMA-262, as JSON Schema wants
/// them; a test holds each to the function that checks the same rule.
public enum ConfigGrammar {
    /// The most components of one tool.
    public static var maximumComponents: Int { ConfigReader.maximumComponents }
    /// The longest name of a component, in characters.
    public static var maximumNameLength: Int { ConfigReader.maximumNameLength }
    /// The longest repository URL, in characters.
    public static var maximumURLLength: Int { RepositoryURL.maximumLength }
    /// The longest ref, in bytes.
    public static var maximumRefLength: Int { GitRef.maximumLength }
    /// The keys that say which version of the format a config has, each with the one version it may name.
    public static var versions: [String: String] { ConfigReader.versions }

    /// The name of a component.
    public static let namePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

    /// `build.repository`: scheme, host (a name, an IPv4 address or an IPv6 address in brackets), port and path: printable
    /// ASCII without what RFC 3986 or `RepositoryURL` forbids, `%` only before the digits of a character that is not a
    /// control character, no fragment, no user information.
    public static let repositoryPattern = urlPattern(schemes: "(https?|git)")

    /// `source_url` and `source.url`: the same, over HTTP alone.
    public static let sourcePattern = urlPattern(schemes: "https?")

    private static func urlPattern(schemes: String) -> String {
        let label = "[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?"
        let host = #"(\#(label)(\.\#(label))*\.?|\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\])"#
        let port = "0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
        let escape = "%([2-6][0-9A-Fa-f]|7[0-9A-Ea-e]|[89A-Fa-f][0-9A-Fa-f])"
        let rest = #"[/?](\$(?![$(])|[-A-Za-z0-9._~!&()*+,=:@/?\[\]]|\#(escape))*"#
        return "^\(schemes)://\(host)(:\(port))?(\(rest))?$"
    }

    /// `build.ref`: a negative look-ahead for each thing that a ref must not contain or be, then the allowed characters.
    ///
    /// Of the characters that cannot be seen it knows those of the basic plane.
    public static let refPattern: String = {
        let contained = #"\.\.|@\{|\$\(|\$\$|//|/\.|\.lock/"#
        let invisible =
            #"\u007F-\u00A0\u00AD\u034F\u0600-\u0605\u061C\u06DD\u070F\u0890\u0891\u08E2\u115F\u1160\u1680\u17B4\u17B5"#
            + #"\u180B-\u180F\u2000\u2001\u2002-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB"#
        let allowed = #"[^\u0000-\u0020\#(invisible)~^:?*\[\\`;&|'"<>]"#
        return #"^(?!-)(?!/)(?!\.)(?!@$)(?!.*(?:\#(contained)))(?!.*(?:/|\.|\.lock)$)\#(allowed)+$"#
    }()
}
