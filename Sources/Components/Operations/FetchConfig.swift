import Crypto
import JSON

/// The config that a deployment is made of.
struct EffectiveConfig: Sendable, Equatable {
    /// The config as it is written.
    let document: JSONValue
    /// What it says.
    let config: ToolConfig
    /// Where it comes from.
    let origin: ConfigOrigin
    /// The fetch, if it was fetched.
    let fetch: ConfigFetch?
    /// What the reader warns of, and whoever stores it is told: sentences.
    let remarks: [String]
    /// What the user should know: sentences.
    var warnings: [String] = []

    /// Reads a config.
    ///
    /// - Throws: `ComponentsError.storedConfigInvalid` for mistakes in it.
    init(
        reading document: JSONValue, from origin: ConfigOrigin, fetch: ConfigFetch? = nil
    ) throws(ComponentsError) {
        let reader = ConfigReader(document, fetchedFrom: origin.url)
        guard let config = reader.config else {
            throw .storedConfigInvalid(reader.problems, warnings: reader.warnings, origin)
        }
        self.document = document
        self.config = config
        self.origin = origin
        self.fetch = fetch
        remarks = reader.warnings
    }
}

/// Finds what a config comes to: the one at the URL that it names, or itself.
struct FetchConfig: Sendable {
    /// `nil`: nothing is fetched.
    let source: (any ConfigSource)?
    let clock: any ClusterClock

    /// What the config comes to now.
    ///
    /// - Throws: `ComponentsError.storedConfigInvalid` for mistakes in it, or in what was fetched; `.configUnavailable` if the fetch
    ///   failed.
    func callAsFunction(_ document: JSONValue, from origin: ConfigOrigin) async throws(ComponentsError)
        -> EffectiveConfig
    {
        var effective = try EffectiveConfig(reading: document, from: origin)
        if let url = effective.config.source { effective = try await fetch(url) }
        if origin == .imported {
            effective.warnings.append(
                "The config is the tool's one of the Python components-api, because it has stored none here.")
        }
        return effective
    }

    /// The config at a URL.
    func fetch(_ url: String) async throws(ComponentsError) -> EffectiveConfig {
        guard let source else { throw .configUnavailable(url: url, reason: "this service fetches no configs") }
        let fetched: FetchedConfig
        do {
            fetched = try await source.fetch(url)
        } catch {
            throw .configUnavailable(url: url, reason: error.reason)
        }
        let fetch = ConfigFetch(url: url, digest: SHA256.hash(data: fetched.bytes).hexadecimal, at: clock.now())
        return try EffectiveConfig(reading: fetched.document, from: .fetched(url), fetch: fetch)
    }
}
