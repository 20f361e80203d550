/// Reads the records of one connection as they come and lets only a well-formed request through.
///
/// It stands in front of libfcgi, which trusts its peer: a few bytes of wrong lengths end the process, a management record
/// overruns its stack, an unknown one is read as parameters. Here everything that a web server does not send in the
/// responder role ends the connection. The guard is a value without a socket: bytes in, an action out.
struct RecordGuard {
    /// What the owner of the connection has to do.
    enum Action: Equatable {
        /// Every byte was taken; go on reading.
        case read
        /// Send these bytes, then go on with what is left of the input.
        case reply([UInt8])
        /// The whole request; what is left of the input is not to be read.
        case request(RequestRecords)
        /// Close the connection: nothing of the request is to be used.
        case close(RecordFault)
    }

    /// How much a request may be.
    struct Limits: Equatable {
        var parameterBytes = 73_728
        var parameterCount = 256
        /// Bytes of STDIN that are kept; what goes beyond is counted and dropped, so that there can be a response.
        var bodyBytes = 262_144
        /// Bytes of one request in all, headers and padding included, before the peer is cut off.
        var inputBytes = 4_194_304
        /// Requests that may be begun, and refused, beside the one that is being read.
        var refusedRequests = 16
    }

    private enum Phase { case begin, parameters, body }

    /// The record whose content or padding is still coming.
    private struct Record {
        var header: RecordHeader
        var content: Int
        var padding: Int
        /// Whether the content is dropped: it belongs to a request that was refused.
        var isSkipped: Bool
    }

    private let limits: Limits
    private var phase = Phase.begin
    private var header: UInt64 = 0
    private var headerLength = 0
    private var record: Record?
    /// The body of a begin-request record, most significant byte first.
    private var beginBody: UInt64 = 0
    private var request = RequestRecords(id: 0)
    private var scanner: ParameterScanner
    private var inputLength = 0
    private var refused: [UInt16] = []

    init(limits: Limits = Limits()) {
        self.limits = limits
        scanner = ParameterScanner(maximumBytes: limits.parameterBytes, maximumCount: limits.parameterCount)
    }

    /// Whether no byte of the request has come yet.
    var isIdle: Bool { phase == .begin && headerLength == 0 && record == nil }

    /// The request as far as it has come, once its parameters are complete and only STDIN is not.
    ///
    /// For a peer that did not send its body in time: it still gets a response. The guard is not to be used afterwards.
    var timedOutRequest: RequestRecords? {
        guard phase == .body else { return nil }
        var request = request
        request.body = []
        request.isTimedOut = true
        return request
    }

    /// Takes bytes from the front of `input` until there is something to do.
    ///
    /// After `request` and `close` the guard is not to be used again.
    mutating func consume(_ input: inout ArraySlice<UInt8>) -> Action {
        do throws(RecordFault) {
            while true {
                guard var current = record else {
                    guard try readHeader(&input) else { return .read }
                    continue
                }
                if current.content > 0 {
                    guard let content = take(current.content, of: &input) else { return .read }
                    try store(content, of: current)
                    current.content -= content.count
                    record = current
                } else if current.padding > 0 {
                    guard let padding = take(current.padding, of: &input) else { return .read }
                    current.padding -= padding.count
                    record = current
                } else {
                    record = nil
                    if let action = try end(of: current) { return action }
                }
            }
        } catch {
            return .close(error)
        }
    }

    /// Up to `count` bytes from the front of `input`, or `nil` if it is empty.
    private mutating func take(_ count: Int, of input: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !input.isEmpty else { return nil }
        let taken = input.prefix(count)
        input = input[taken.endIndex...]
        return taken
    }

    /// Collects a header; false if the input ended before it was whole.
    private mutating func readHeader(_ input: inout ArraySlice<UInt8>) throws(RecordFault) -> Bool {
        guard let bytes = take(RecordHeader.length - headerLength, of: &input) else { return false }
        header = bytes.reduce(header) { $0 << 8 | UInt64($1) }
        headerLength += bytes.count
        guard headerLength == RecordHeader.length else { return false }
        let header = RecordHeader(bytes: header)
        (self.header, headerLength) = (0, 0)
        record = Record(
            header: header, content: header.contentLength, padding: header.paddingLength,
            isSkipped: try isSkipped(header))
        inputLength += RecordHeader.length + header.contentLength + header.paddingLength
        guard inputLength <= limits.inputBytes else { throw .endless }
        return true
    }

    /// Checks that a record of this kind may come now; true if it may, but means nothing.
    private func isSkipped(_ header: RecordHeader) throws(RecordFault) -> Bool {
        guard header.version == 1 else { throw .version }
        guard header.id != 0 else { throw .managementRecord }
        switch header.type {
        case .beginRequest:
            guard header.contentLength == 8 else { throw .beginBody }
            if phase == .begin { return false }
            guard header.id != request.id else { throw .begunTwice }
            guard refused.count < limits.refusedRequests else { throw .tooManyRefused }
            return true
        case .abortRequest:
            if phase != .begin, header.id == request.id { throw .aborted }
            guard refused.contains(header.id) else { throw .foreignRecord }
            return true
        case .parameters, .standardInput:
            // The peer may have sent these before it knew that their request was refused.
            if refused.contains(header.id) { return true }
            guard phase != .begin, header.id == request.id else { throw .foreignRecord }
            guard (phase == .parameters) == (header.type == .parameters) else { throw .recordType }
            return false
        default:
            throw .recordType
        }
    }

    private mutating func store(_ content: ArraySlice<UInt8>, of record: Record) throws(RecordFault) {
        guard !record.isSkipped else { return }
        switch record.header.type {
        case .beginRequest:
            beginBody = content.reduce(beginBody) { $0 << 8 | UInt64($1) }
        case .parameters:
            request.parameters += content
            try scanner.advance(over: request.parameters)
        default:
            request.bodyLength += content.count
            if request.bodyLength <= limits.bodyBytes {
                request.body += content
            } else {
                request.body = []
            }
        }
    }

    /// What follows from a record that is now whole.
    private mutating func end(of record: Record) throws(RecordFault) -> Action? {
        let header = record.header
        if record.isSkipped {
            guard header.type == .beginRequest else { return nil }
            refused.append(header.id)
            return .reply(.cannotMultiplex(id: header.id))
        }
        switch header.type {
        case .beginRequest:
            try begin(header.id)
        case .parameters where header.contentLength == 0:
            try scanner.end(of: request.parameters)
            phase = .body
        case .standardInput where header.contentLength == 0:
            // The guard lives as long as the connection: it must not keep what only the request needs.
            defer { request = RequestRecords(id: request.id) }
            return .request(request)
        default:
            break
        }
        return nil
    }

    private mutating func begin(_ id: UInt16) throws(RecordFault) {
        // The flag FCGI_KEEP_CONN behind the role allows the connection to stay open; it does not oblige to.
        guard beginBody >> 48 == 1 else { throw .role }
        request = RequestRecords(id: id)
        phase = .parameters
    }
}

/// The rule that a peer broke, for the log: the connection is closed without a response.
///
/// A web server that works breaks none of them.
enum RecordFault: String, Error {
    case version = "a record of another version than 1"
    case managementRecord = "a management record"
    case recordType = "a record that has no place here"
    case foreignRecord = "a record of a request that was never begun"
    case beginBody = "a begin-request record of a wrong length"
    case role = "another role than responder"
    case begunTwice = "the same request begun twice"
    case tooManyRefused = "too many requests on one connection at a time"
    case aborted = "the request was aborted"
    case parameterBytes = "too many bytes of parameters"
    case parameterCount = "too many parameters"
    case parameterTruncated = "parameters that end within a pair"
    case parameterName = "a parameter name that is empty or holds '=' or anything but visible ASCII"
    case parameterValue = "a parameter value that holds NUL"
    case parameterTwice = "a parameter twice that must be unambiguous"
    case endless = "a request that does not end"
}
