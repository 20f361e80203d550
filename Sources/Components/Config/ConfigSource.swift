public import JSON

/// Fetches configs that tools keep elsewhere, at the URL that their stored config names.
///
/// What is fetched is in no log, and no error repeats more of it than a key or a place.
public protocol ConfigSource: Sendable {
    /// The document at that URL now.
    ///
    /// It takes about ten seconds at most, whatever the host does.
    func fetch(_ url: String) async throws(ConfigSourceFailure) -> FetchedConfig
}

/// A document that was fetched.
public struct FetchedConfig: Sendable, Equatable {
    /// The document; whether it is a config is for the rules to say.
    public var document: JSONValue
    /// The bytes that it was read from.
    public var bytes: [UInt8]

    /// A document.
    public init(document: JSONValue, bytes: [UInt8]) {
        self.document = document
        self.bytes = bytes
    }
}

/// Why a config could not be fetched.
public struct ConfigSourceFailure: Error, Sendable, Equatable {
    /// The reason, and what to do: a sentence without its full stop.
    public var reason: String

    /// A failure.
    public init(reason: String) {
        self.reason = reason
    }
}

/// The rules for the URL that a config is fetched from: those of a repository's, over HTTP.
enum SourceURL {
    /// What is wrong with the URL and what to do, or `nil`.
    static func problem(_ url: String) -> String? {
        guard !url.isEmpty else { return "is empty: write the URL of the file with the config" }
        if url.hasPrefix("git://") { return "must begin with https:// or http://: it is the URL of one file" }
        return RepositoryURL.problem(url)
    }
}
