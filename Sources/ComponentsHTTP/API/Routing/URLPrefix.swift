/// What stands before this service's paths in the URLs that clients use: empty, or segments as in `/components`.
struct URLPrefix: Equatable {
    /// The prefix, without a slash at its end.
    let path: String

    /// No prefix.
    static let none = URLPrefix(unchecked: "")

    private init(unchecked path: String) { self.path = path }

    /// A prefix that is empty or matches `(/[A-Za-z0-9._~-]+)+`, without `.` and `..`; `nil` for any other, which would
    /// be unsafe in a `Location`.
    init?(_ path: String) {
        let isSound =
            path.isEmpty
            || path.utf8.first == UInt8(ascii: "/")
                && path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                    .allSatisfy { segment in
                        !segment.isEmpty && segment.allSatisfy(\.isURIUnreserved) && !segment.elementsEqual(".".utf8)
                            && !segment.elementsEqual("..".utf8)
                    }
        guard isSound else { return nil }
        self.path = path
    }
}

extension String {
    /// The string as one path segment: all but RFC 3986's unreserved characters percent-encoded.
    var percentEncodedSegment: String {
        utf8.reduce(into: "") { result, byte in
            if byte.isURIUnreserved {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
