import Foundation
import JSON

/// What came of a build, as the results of its task tell it.
///
/// A TaskRun has them always, a PipelineRun if its pipeline declares them.
struct BuildResults: Equatable {
    /// The image, with its digest if that is told; `nil` if the result is no name of an image.
    var image: String?
    /// The commit that was checked out; `nil` if the pipeline does not tell it.
    var commit: String?

    /// The results in a run's status.
    init(in status: JSONValue?) {
        let results = status?["results"]?.arrayValue ?? []
        /// A result that is a string, without the line's end that a shell leaves behind it.
        func value(_ name: String) -> String? {
            let result = results.first { $0["name"]?.stringValue == name }
            return result?["value"]?.stringValue?.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        image = value("APP_IMAGE_URL").flatMap { Self.image($0, digest: value("APP_IMAGE_DIGEST")) }
        // As Tekton's own task `git-clone` writes it, or in capitals as the others are.
        commit = ["commit", "COMMIT"].lazy.compactMap(value)
            .first { $0.wholeMatch(of: /[0-9a-f]{40}|[0-9a-f]{64}/) != nil }
    }

    private static func image(_ url: String, digest: String?) -> String? {
        guard url.utf8.count <= 512, url.wholeMatch(of: /[A-Za-z0-9][-A-Za-z0-9._:\/@]*/) != nil else { return nil }
        guard !url.contains("@"), let digest, digest.wholeMatch(of: /[a-z0-9]+:[0-9a-f]{32,128}/) != nil else {
            return url
        }
        return "\(url)@\(digest)"
    }
}
