import Foundation
import Git

/// How hosts are called that tools name: git's, for commits, and those that configs are fetched from.
struct GitSettings: Equatable {
    /// Whether the commits that refs name are looked up.
    var resolvesCommits: Bool
    /// Networks that may be called though they are not on the public internet.
    var allowedNetworks: [AddressRange]
    /// A file of authorities that are trusted beside the system's.
    var authorities: String?

    /// - Throws: `SettingsError` for the first setting whose value is not valid.
    init(_ values: EnvironmentValues) throws(SettingsError) {
        resolvesCommits = try values.value("RESOLVE_COMMITS", default: true, expected: "on or off") { text in
            ["on": true, "off": false][text]
        }
        allowedNetworks = try values.value(
            "GIT_ALLOWED_NETWORKS", default: [], expected: "a list of networks, as 10.0.0.0/8,fd00::/8"
        ) { text in
            let ranges = text.split(separator: ",", omittingEmptySubsequences: false).map {
                AddressRange($0.trimmingCharacters(in: .whitespaces))
            }
            return ranges.contains(nil) ? nil : ranges.compactMap(\.self)
        }
        let authorities = try values.value("GIT_CA_FILE", default: "", expected: "a file that can be read") { text in
            FileManager.default.isReadableFile(atPath: text) ? text : nil
        }
        self.authorities = authorities.isEmpty ? nil : authorities
    }
}
