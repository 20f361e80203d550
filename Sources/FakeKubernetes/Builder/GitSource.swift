import Foundation

/// What is to be cloned, as a user wrote it: nothing here may be trusted.
struct GitSource: Sendable, Equatable {
    let url: String
    /// A branch, a tag, `HEAD`, a full name such as `refs/tags/v1`, or a commit's name, full or at least 7 digits of it.
    let reference: String

    /// The part of the URL before `://`, or the transport that git would take it for.
    var transport: String {
        if let end = url.range(of: "://") { return String(url[..<end.lowerBound]) }
        if let end = url.range(of: "::") { return String(url[..<end.lowerBound]) }
        let beforeColon = url.prefix { $0 != ":" }
        return beforeColon.count < url.count && !beforeColon.contains("/") ? "ssh" : "file"
    }

    /// Whether the reference can be the whole name of a commit.
    var isCommitName: Bool { isHexadecimal && [40, 64].contains(reference.utf8.count) }

    /// Whether the reference can be the beginning of a commit's name.
    var isShortCommitName: Bool { isHexadecimal && (7..<40).contains(reference.utf8.count) }

    private var isHexadecimal: Bool { reference.utf8.allSatisfy { Unicode.Scalar($0).properties.isASCIIHexDigit } }
}
