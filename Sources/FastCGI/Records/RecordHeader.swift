/// The eight bytes in front of every FastCGI record.
///
/// Specification 1.0, section 3.3: version, type, request id, length of the content, length of the padding, reserved;
/// the most significant byte first.
struct RecordHeader: Equatable {
    static let length = 8
    /// The most content that one record of ours carries: the largest multiple of eight that the two bytes can say.
    static let maximumContent = 65_528

    var version: UInt8 = 1
    var type: RecordType
    var id: UInt16
    var contentLength: Int
    var paddingLength: Int = 0

    init(type: RecordType, id: UInt16, contentLength: Int) {
        self.type = type
        self.id = id
        self.contentLength = contentLength
    }

    /// Reads a header from eight bytes, the first of them the most significant of `bytes`.
    init(bytes: UInt64) {
        version = UInt8(truncatingIfNeeded: bytes >> 56)
        type = RecordType(rawValue: UInt8(truncatingIfNeeded: bytes >> 48))
        id = UInt16(truncatingIfNeeded: bytes >> 32)
        contentLength = Int(UInt16(truncatingIfNeeded: bytes >> 16))
        paddingLength = Int(UInt8(truncatingIfNeeded: bytes >> 8))
    }

    /// The header as it goes over the wire.
    var bytes: [UInt8] {
        [
            version, type.rawValue, UInt8(id >> 8), UInt8(truncatingIfNeeded: id),
            UInt8(truncatingIfNeeded: contentLength >> 8), UInt8(truncatingIfNeeded: contentLength),
            UInt8(truncatingIfNeeded: paddingLength), 0,
        ]
    }
}

/// A record's type (specification 1.0, section 8); any byte can come.
struct RecordType: RawRepresentable, Equatable {
    var rawValue: UInt8

    static let beginRequest = RecordType(rawValue: 1)
    static let abortRequest = RecordType(rawValue: 2)
    static let endRequest = RecordType(rawValue: 3)
    static let parameters = RecordType(rawValue: 4)
    static let standardInput = RecordType(rawValue: 5)
    static let standardOutput = RecordType(rawValue: 6)
}

extension Array<UInt8> {
    /// A record of a version that does not exist: it tells the web server that the response is incomplete.
    ///
    /// The protocol has no word for that. nginx takes a connection that is closed before the end of the request for the end
    /// of the response, and so would the client; at this record it breaks off the client's connection.
    static let brokenOff: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]

    /// The record that refuses a second request on a busy connection: FCGI_END_REQUEST with FCGI_CANT_MPX_CONN.
    static func cannotMultiplex(id: UInt16) -> [UInt8] {
        RecordHeader(type: .endRequest, id: id, contentLength: 8).bytes + [0, 0, 0, 0, 1, 0, 0, 0]
    }
}
