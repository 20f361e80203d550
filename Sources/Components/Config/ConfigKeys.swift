import JSON

/// The keys of one level of a config, and what to tell an author who wrote another one.
struct ConfigKeys {
    /// Keys that this version acts on.
    let known: [String]
    /// Keys of newer formats: stored, but not acted on yet.
    let later: [String]
    /// Keys that belong one level deeper, each with the key that they belong under.
    let deeper: [String: String]
    /// Other names that people use for known keys, in lower case and without punctuation.
    let synonyms: [String: String]
    /// The keys by their own spelling in lower case and without punctuation.
    private let spellings: [String: String]

    private init(known: [String], later: [String], deeper: [String: String], synonyms: [String: String]) {
        (self.known, self.later, self.deeper, self.synonyms) = (known, later, deeper, synonyms)
        spellings = Dictionary((known + later).map { (Self.bare($0), $0) }) { first, _ in first }
    }

    /// The document itself.
    static let root = ConfigKeys(
        known: ["components", "config-version", "config_version", "source_url", "source"], later: [], deeper: [:],
        synonyms: ["version": "config_version"])

    /// The value of `source`.
    static let source = ConfigKeys(
        known: ["url"], later: [], deeper: [:], synonyms: ["sourceurl": "url", "uri": "url", "href": "url"])

    /// An entry of `components`.
    static let component = ConfigKeys(
        known: ["build"], later: ["component_type", "run"],
        deeper: deeper(
            ConfigKeys.build.known + ConfigKeys.build.later, under: "build",
            [
                "command", "schedule", "port", "replicas", "cpu", "memory", "mount", "publish", "emails", "retry",
                "timeout", "filelog", "health_check_http", "health_check_script",
            ], under: "run"),
        synonyms: [:])

    /// The value of `build`.
    static let build = ConfigKeys(
        known: [
            "repository", "ref", "reuse_from", "use_latest_versions", "use_deprecated_versions", "envvars",
        ], later: [], deeper: [:],
        synonyms: [
            "repo": "repository", "url": "repository", "git": "repository", "source": "repository",
            "sourceurl": "repository", "giturl": "repository", "branch": "ref", "tag": "ref", "commit": "ref",
            "revision": "ref", "sha": "ref", "reuse": "reuse_from",
            "env": "envvars", "environment": "envvars", "latest": "use_latest_versions",
        ])

    private static func deeper(
        _ first: [String], under one: String, _ second: [String], under other: String
    ) -> [String: String] {
        Dictionary(first.map { ($0, one) } + second.map { ($0, other) }) { first, _ in first }
    }

    /// What the author of an unknown key probably meant, for a message: `did you mean build?`; `nil` without a guess.
    func advice(on key: String) -> String? {
        if let scalar = key.unicodeScalars.first(where: { $0.isInvisible }) {
            let whatToDo = key.unicodeScalars.first == scalar ? "indent with ordinary spaces" : "remove it"
            return "it holds \(scalar.descriptionForMessage): \(whatToDo)"
        }
        if let place = deeper[key] { return "it belongs under \(place)" }
        return nearest(to: key).map { "did you mean \($0)?" }
    }

    private func nearest(to key: String) -> String? {
        let bare = Self.bare(key)
        if let meant = synonyms[bare] { return meant }
        return key.nearest(of: known + later) ?? spellings[bare]
    }

    /// The key in lower case, without the punctuation that people confuse.
    private static func bare(_ key: String) -> String {
        String(decoding: key.lowercased().utf8.filter { !"-_ .".utf8.contains($0) }, as: UTF8.self)
    }
}

extension String {
    /// The candidate that one or two typing errors turn into this string, or `nil` if there is none.
    ///
    /// A typing error is a letter too many, too few or another one, or two neighbours swapped. Short words allow one only.
    public func nearest(of candidates: [String]) -> String? {
        let allowed = utf8.count <= 4 ? 1 : 2
        // A cheap test first: a key of a hostile document may be long.
        let distances = candidates.filter { abs($0.utf8.count - utf8.count) <= allowed }.map { ($0, distance(to: $0)) }
        return distances.filter { $0.1 <= allowed }.min { $0.1 < $1.1 }?.0
    }

    /// The optimal string alignment distance.
    private func distance(to other: String) -> Int {
        let (left, right) = (Array(utf8), Array(other.utf8))
        var last = Array(0...right.count)
        var (beforeLast, current) = (last, last)
        for (i, byte) in left.enumerated() {
            current[0] = i + 1
            for (j, candidate) in right.enumerated() {
                var best = Swift.min(last[j + 1] + 1, current[j] + 1, last[j] + (byte == candidate ? 0 : 1))
                if i > 0, j > 0, byte == right[j - 1], left[i - 1] == candidate {
                    best = Swift.min(best, beforeLast[j - 1] + 1)
                }
                current[j + 1] = best
            }
            (beforeLast, last, current) = (last, current, beforeLast)
        }
        return last[right.count]
    }
}
