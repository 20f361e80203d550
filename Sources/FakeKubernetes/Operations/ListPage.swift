/// The objects of one page of a list, and where the next page starts.
struct ListPage {
    var objects: [StoredObject] = []
    /// The token of the next page; empty if there is none.
    var continuation = ""
    /// How many objects follow; `nil` if there is a selector, as on the real server.
    var remaining: Int?
    /// The version of the whole list; all pages show that of the first.
    var resourceVersion: Int64
}

/// The opaque `continue` of a list, in the real server's format.
struct ContinueToken {
    var resourceVersion: Int64
    /// The first key of the page.
    var start: String

    init(resourceVersion: Int64, start: String) {
        self.resourceVersion = resourceVersion
        self.start = start
    }

    /// Whether the rest of the list is wanted as it is now, because the version of its beginning is gone.
    var isInconsistent: Bool { resourceVersion == -1 }

    /// The refusal of a token whose version is gone, with a token for an inconsistent rest.
    var expired: StatusError {
        var error = StatusError.expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
                + "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
                + "the results. Continuing with the provided token results in an inconsistent list - objects that were "
                + "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
                + "list.")
        error.metadata = ["continue": .string(ContinueToken(resourceVersion: -1, start: start).text)]
        return error
    }

    /// Reads a client's token.
    init(_ token: String) throws(StatusError) {
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for (index, byte) in token.utf8.enumerated() {
            guard let digit = Self.alphabet.firstIndex(of: byte) else {
                throw Self.invalid("illegal base64 data at input byte \(index)")
            }
            bits = (bits << 6 | digit) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        let value: Value
        do throws(ValueSyntaxError) {
            value = try Value(parsing: bytes)
        } catch {
            throw Self.invalid(error.message)
        }
        guard let version = value["rv"]?.int, version > 0 || version == -1, let start = value["start"]?.string,
            !start.isEmpty,
            value["v"]?.string == "meta.k8s.io/v1"
        else { throw Self.invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)") }
        resourceVersion = version
        self.start = start.hasPrefix("/") ? String(start.dropFirst()) : start
    }

    private static func invalid(_ why: String) -> StatusError {
        .badRequest("invalid continue token: continue key is not valid: \(why)")
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The token as clients see it: JSON in base64 for URLs, without padding.
    var text: String {
        let start = Value.string(start).text.replacing("\0", with: "\\u0000")
        let json = #"{"v":"meta.k8s.io/v1","rv":\#(resourceVersion),"start":\#(start)}"#
        var result: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in json.utf8 {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                result.append(Self.alphabet[bits >> count & 0x3F])
            }
        }
        if count > 0 { result.append(Self.alphabet[bits << (6 - count) & 0x3F]) }
        return String(decoding: result, as: UTF8.self)
    }
}
