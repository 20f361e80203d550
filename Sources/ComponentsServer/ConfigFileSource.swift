import Components
import Git
import JSON
import Logging
import YAML

/// Fetches configs from the URLs that tools name, and reads them as JSON or YAML.
struct ConfigFileSource: ConfigSource {
    let client: FileClient

    func fetch(_ url: String) async throws(ConfigSourceFailure) -> FetchedConfig {
        let bytes: [UInt8]
        do throws(GitError) {
            bytes = try await client.fetch(url)
        } catch {
            throw ConfigSourceFailure(reason: error.message)
        }
        return FetchedConfig(document: try Self.document(of: bytes), bytes: bytes)
    }

    /// What begins with a brace and is JSON is read as JSON; anything else as YAML.
    ///
    /// Hosts say of either that it is plain text.
    private static func document(of bytes: [UInt8]) throws(ConfigSourceFailure) -> JSONValue {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        if bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{"), let document = try? JSONValue(parsing: bytes) {
            return document
        }
        do throws(YAMLError) {
            return try JSONValue(parsingYAML: bytes)
        } catch {
            throw ConfigSourceFailure(reason: "it cannot be read as YAML or JSON: \(error.description)")
        }
    }
}

extension ConfigFileSource {
    /// A source with these settings.
    ///
    /// - Parameter clusterHost: where the cluster's API is; it is not called if that is an address.
    init(_ settings: GitSettings, clusterHost: String, logger: Logger) {
        let rule = AddressRule(settings, clusterHost: clusterHost)
        self.init(client: FileClient(rule: rule, authorities: settings.authorities, logger: logger))
    }
}
