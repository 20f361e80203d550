import Crypto
import JSON

/// The config that a deployment is made of.
struct EffectiveConfig: Sendable, Equatable {
    /// The config.
    var document: JSONValue
    /// Where it comes from.
    var origin: ConfigOrigin
    /// The fetch, if it was fetched.
    var fetch: ConfigFetch?
    /// What the user should know: sentences.
    var warnings: [String] = []
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
        let reader = ConfigReader(document, fetchedFrom: origin.url)
        guard let config = reader.config else {
            throw .storedConfigInvalid(reader.problems, warnings: reader.warnings, origin)
        }
        var effective = EffectiveConfig(document: document, origin: origin)
        if origin == .imported {
            effective.warnings.append(
                "The config is the tool's one of the Python components-api, because it has stored none here.")
        }
        if let url = config.source {
            let fetched = try await fetch(url)
            effective.document = fetched.document
            effective.origin = fetched.origin
            effective.fetch = fetched.fetch
        }
        return effective
    }

    /// The config at a URL; its warnings are those of its keys.
    func fetch(_ url: String) async throws(ComponentsError) -> EffectiveConfig {
        guard let source else { throw .configUnavailable(url: url, reason: "this service fetches no configs") }
        let fetched: FetchedConfig
        do {
            fetched = try await source.fetch(url)
        } catch {
            throw .configUnavailable(url: url, reason: error.reason)
        }
        let reader = ConfigReader(fetched.document, fetchedFrom: url)
        guard reader.config != nil else {
            throw .storedConfigInvalid(reader.problems, warnings: reader.warnings, .fetched(url))
        }
        let fetch = ConfigFetch(url: url, digest: SHA256.hexadecimal(fetched.bytes), at: clock.now())
        return EffectiveConfig(
            document: fetched.document, origin: .fetched(url), fetch: fetch,
            warnings: reader.warnings.map { "At \(url): \($0)" })
    }
}
