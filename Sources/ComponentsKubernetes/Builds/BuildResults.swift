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
            .first { [40, 64].contains($0.utf8.count) && $0.utf8.allSatisfy(\.isHexDigit) }
    }

    /// The name of an image, read without regular expressions: these would be compiled for each of the cluster's thousands of runs.
    private static func image(_ url: String, digest: String?) -> String? {
        guard url.utf8.count <= 512, url.utf8.first?.isLetterOrDigit == true,
            url.utf8.allSatisfy({ $0.isLetterOrDigit || "-._:/@".utf8.contains($0) })
        else { return nil }
        guard !url.utf8.contains(UInt8(ascii: "@")), let digest, isDigest(digest) else { return url }
        return "\(url)@\(digest)"
    }

    /// Whether it is the name of an algorithm, a colon and the digest in lower-case hexadecimal digits.
    private static func isDigest(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty
            && parts[0].allSatisfy { $0.isLetterOrDigit && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            && (32...128).contains(parts[1].count) && parts[1].allSatisfy(\.isHexDigit)
    }
}

extension UInt8 {
    /// A lower-case hexadecimal digit.
    fileprivate var isHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }

    fileprivate var isLetterOrDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
