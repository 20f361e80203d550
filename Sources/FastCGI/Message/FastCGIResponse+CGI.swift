import HTTPTypes

extension FastCGIResponse {
    /// The head as CGI writes it (RFC 3875, section 6): a `Status` line, the fields, an empty line.
    ///
    /// Names, values and reason phrases of HTTPTypes cannot hold a line end, so none of them can begin a field of its own.
    var cgiHead: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append("Status: \(head.status.code) \(head.status.reasonPhrase)\r\n")
        for field in head.headerFields {
            bytes.append(field.name.rawName)
            bytes.append(": ")
            field.withUnsafeBytesOfValue { bytes += $0 }
            bytes.append("\r\n")
        }
        bytes.append("\r\n")
        return bytes
    }
}

extension [UInt8] {
    /// Appends a string's bytes in one piece; `+=` of its `utf8` takes several times as long for short ones.
    fileprivate mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { append(contentsOf: $0) }
    }
}
