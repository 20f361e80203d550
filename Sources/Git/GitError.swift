/// Why a ref could not be resolved to a commit, or a file not be fetched.
public struct GitError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; stable, for reason codes.
    public enum Code: Sendable, Equatable, CaseIterable {
        /// The host has no such repository: it says so, or shows a page.
        case repositoryNotFound
        /// The host asks for credentials. GitHub does so for repositories that do not exist, too.
        case repositoryPrivate
        /// The host did not answer in time, refused the connection, failed, or its certificate is not valid.
        case repositoryUnreachable
        /// The repository has no such ref; an empty repository has none at all.
        case refNotFound
        /// The host has no such file, or shows it to nobody without credentials.
        case fileNotFound
        /// The host's address belongs to a network that must not be called.
        case addressRefused
        /// The URL's scheme is not HTTP: it cannot be called here.
        case unsupportedScheme
        /// The host redirects to where this client does not follow: another host, or again and again.
        case redirected
        /// The response is not what git's protocol prescribes, is no file, or exceeds a limit.
        case invalidResponse
    }

    /// What kind of failure it is.
    public let code: Code
    /// What is wrong and what to do, in a sentence for the author of the config, without its full stop.
    public let message: String

    /// An error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
