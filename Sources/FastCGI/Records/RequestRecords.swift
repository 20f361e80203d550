/// What one request consisted of, after every record of it was found good.
struct RequestRecords: Equatable, Sendable {
    /// The request's id, never 0.
    var id: UInt16
    /// The content of the PARAMS records: whole pairs.
    var parameters: [UInt8] = []
    /// The content of the STDIN records; empty when it was more than is kept.
    var body: [UInt8] = []
    /// How many bytes of STDIN came, kept or not.
    var bodyLength = 0
    /// Whether STDIN did not end in time; `bodyLength` says how much of it came.
    var isTimedOut = false

    /// The request written anew as one unbroken stream of records, as the specification orders them.
    ///
    /// This is what libfcgi reads: records of ours alone, so nothing that a peer sent between them can reach it.
    var stream: [UInt8] {
        var stream: [UInt8] = []
        stream.reserveCapacity(parameters.count + body.count + 64)
        // Role 1 is the responder, flag 1 is FCGI_KEEP_CONN: the descriptor that libfcgi works on is not its to close.
        stream += RecordHeader(type: .beginRequest, id: id, contentLength: 8).bytes + [0, 1, 1, 0, 0, 0, 0, 0]
        append(parameters, as: .parameters, to: &stream)
        append(body, as: .standardInput, to: &stream)
        return stream
    }

    private func append(_ content: [UInt8], as type: RecordType, to stream: inout [UInt8]) {
        var rest = ArraySlice(content)
        while !rest.isEmpty {
            let part = rest.prefix(RecordHeader.maximumContent)
            stream += RecordHeader(type: type, id: id, contentLength: part.count).bytes
            stream += part
            rest = rest[part.endIndex...]
        }
        stream += RecordHeader(type: type, id: id, contentLength: 0).bytes
    }
}
