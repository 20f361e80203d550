/// Why a request's body cannot be used.
public enum BodyFault: Error, Sendable, Equatable {
    /// More bytes than the limit, announced or sent.
    case tooLarge(limit: Int)
    /// Fewer or more bytes than CONTENT_LENGTH announced.
    case incomplete(announced: Int, received: Int)
    /// CONTENT_LENGTH is no number, or absent although there is a body; the text is its value.
    case invalidLength(String)
    /// The body did not end in time.
    case timedOut
}

extension BodyFault {
    /// Compares what came with what was announced.
    ///
    /// CONTENT_LENGTH is digits only (RFC 9110, section 8.6); absent or empty it announces no body.
    static func check(
        _ body: [UInt8], received: Int, announced contentLength: String, limit: Int, isTimedOut: Bool
    ) -> Result<[UInt8], BodyFault> {
        let digits = contentLength.utf8
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let announced = digits.isEmpty ? 0 : Int(contentLength)
        else { return .failure(.invalidLength(contentLength)) }
        guard announced <= limit, received <= limit else { return .failure(.tooLarge(limit: limit)) }
        guard !isTimedOut else { return .failure(.timedOut) }
        guard !digits.isEmpty || received == 0 else { return .failure(.invalidLength(contentLength)) }
        guard announced == received, body.count == received else {
            return .failure(.incomplete(announced: announced, received: received))
        }
        return .success(body)
    }
}
