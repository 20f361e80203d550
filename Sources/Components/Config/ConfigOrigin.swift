public import struct Foundation.Date

/// Where a config comes from.
public enum ConfigOrigin: Sendable, Hashable {
    /// The tool has stored it here.
    case stored
    /// The tool has it in the implementation that it comes from.
    case imported
    /// It was fetched from that URL, which the tool's config names.
    case fetched(String)

    /// The URL that it was fetched from.
    var url: String? {
        if case .fetched(let url) = self { url } else { nil }
    }
}

/// What is remembered of the fetch of a config.
public struct ConfigFetch: Sendable, Hashable {
    /// The URL that the tool's config names.
    public var url: String
    /// The SHA-256 of the bytes that were fetched, in hexadecimal digits.
    public var digest: String
    /// When, by the cluster's clock.
    public var at: Date

    /// A fetch.
    public init(url: String, digest: String, at: Date) {
        self.url = url
        self.digest = digest
        self.at = at
    }
}
