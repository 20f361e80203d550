import Foundation

/// How far the builder goes for a repository.
struct GitSettings: Sendable {
    /// After that git is stopped.
    var deadline: Duration = .seconds(60)
    /// The most that a repository may take on disk, in bytes; looked at while it is fetched.
    var maximumBytes = 512 * 1024 * 1024
    /// A file of certificates that git trusts beside the system's.
    var certificateAuthority: String?
    /// The transports that git may use.
    var transports = ["http", "https", "git"]
    /// Where the folders for clones are made.
    var temporaryDirectory = FileManager.default.temporaryDirectory
}
