import Components
import Git
import Logging

/// Asks the repositories' hosts, as git does.
struct GitCommitResolver: CommitResolver {
    let client: GitClient

    func resolve(_ source: BuildSource) async -> CommitResolution {
        do throws(GitError) {
            let resolved = try await client.resolve(source.ref, in: source.repository)
            return .commit(resolved.commit, warnings: resolved.warnings)
        } catch {
            return switch error.code {
            case .repositoryNotFound: Self.missing(.repositoryNotFound, error)
            case .repositoryPrivate: Self.missing(.repositoryPrivate, error)
            case .refNotFound: Self.missing(.refNotFound, error)
            // What this service does not reach, follow or understand the builder may.
            case .repositoryUnreachable, .fileNotFound, .addressRefused, .unsupportedScheme, .redirected,
                .invalidResponse:
                .unknown(error.message)
            }
        }
    }

    private static func missing(_ reason: Reason, _ error: GitError) -> CommitResolution {
        .missing(BuildFailure(reason, message: "\(error.message); \(reason.nextStep)"))
    }
}

extension GitCommitResolver {
    /// A resolver with these settings.
    ///
    /// - Parameter clusterHost: where the cluster's API is; it is not called if that is an address.
    init(_ settings: GitSettings, clusterHost: String, logger: Logger) {
        let rule = AddressRule(settings, clusterHost: clusterHost)
        self.init(client: GitClient(rule: rule, authorities: settings.authorities, logger: logger))
    }
}

extension AddressRule {
    /// The rule of these settings, for all that is called because a tool names it.
    ///
    /// - Parameter clusterHost: where the cluster's API is; it is not called if that is an address.
    init(_ settings: GitSettings, clusterHost: String) {
        self.init(allowing: settings.allowedNetworks, refusing: [AddressRange(clusterHost)].compactMap(\.self))
    }
}
