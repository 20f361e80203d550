import HTTPTypes

extension FastCGIResponse {
    /// The head as CGI writes it (RFC 3875, section 6): a `Status` line, the fields, an empty line.
    ///
    /// Names, values and reason phrases of HTTPTypes cannot hold a line end, so none of them can begin a field of its own.
    var cgiHead: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes += "Status: \(head.status.code) \(head.status.reasonPhrase)\r\n".utf8
        for field in head.headerFields {
            bytes += field.name.rawName.utf8
            bytes += ": ".utf8
            field.withUnsafeBytesOfValue { bytes += $0 }
            bytes += "\r\n".utf8
        }
        bytes += "\r\n".utf8
        return bytes
    }
}
