import Foundation

/// The query of a request for a log.
struct PodLogOptions: Sendable {
    var container: String?
    var follows = false
    var isPrevious = false
    var hasTimestamps = false
    var tailLines: Int?
    var limitBytes: Int?
    /// Lines before this time are left out; in whole seconds.
    var since: Date?

    /// - Parameter pod: The name of the pod, for messages.
    /// - Throws: 400 for what cannot be read, 422 for what is out of range.
    init(_ query: QueryItems, pod: String, now: Date) throws(StatusError) {
        container = query["container"].flatMap { $0.isEmpty ? nil : $0 }
        follows = query.isSet("follow")
        isPrevious = query.isSet("previous")
        hasTimestamps = query.isSet("timestamps")
        tailLines = try Self.number(query["tailLines"])
        limitBytes = try Self.number(query["limitBytes"])
        let sinceSeconds = try Self.number(query["sinceSeconds"])
        var sinceTime: Date?
        if let text = query["sinceTime"], !text.isEmpty {
            do throws(ValueSyntaxError) {
                // A fraction of a second is lost, as in the real server.
                sinceTime = Date(timeIntervalSince1970: TimeInterval(try GoTime(text, layout: .rfc3339).seconds))
            } catch {
                throw .badRequest(error.message)
            }
        }
        var errors: [FieldError] = []
        if let tailLines, tailLines < 0 {
            errors.append(Self.error("tailLines", tailLines, "must be greater than or equal to 0"))
        }
        if let limitBytes, limitBytes < 1 {
            errors.append(Self.error("limitBytes", limitBytes, "must be greater than 0"))
        }
        if sinceSeconds != nil, sinceTime != nil {
            errors.append(
                FieldError(
                    .forbidden, at: "[]", detail: "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else if let sinceSeconds, sinceSeconds < 1 {
            errors.append(Self.error("sinceSeconds", sinceSeconds, "must be greater than 0"))
        }
        guard errors.isEmpty else {
            throw .invalid(GroupResource(group: "", resource: "PodLogOptions"), pod, errors)
        }
        since = sinceTime ?? sinceSeconds.map { now - TimeInterval($0) }
    }

    private static func number(_ text: String?) throws(StatusError) -> Int? {
        guard let text, !text.isEmpty else { return nil }
        guard let number = Int(text) else {
            throw .badRequest("strconv.ParseInt: parsing \(text.goQuoted): invalid syntax")
        }
        return number
    }

    private static func error(_ field: String, _ value: Int, _ detail: String) -> FieldError {
        FieldError(.invalid, at: field, value: .int(Int64(value)), detail: detail)
    }

    /// What is wanted of the lines so far; `limitBytes` is left to the caller.
    func selected(_ lines: [PodLogs.Line]) -> [ArraySlice<UInt8>] {
        let recent = lines.filter { line in since.map { line.time >= $0 } ?? true }
        return recent.suffix(tailLines ?? recent.count).map { bytes(of: $0) }
    }

    func bytes(of line: PodLogs.Line) -> ArraySlice<UInt8> { line.bytes(timed: hasTimestamps) }
}

extension Date {
    /// The time with nine digits of a second's fraction, as the kubelet writes it before each line.
    var withNanoseconds: String {
        let microseconds = Int64((timeIntervalSince1970 * 1_000_000).rounded())
        let fraction = String(microseconds % 1_000_000)
        let seconds = Date(timeIntervalSince1970: TimeInterval(microseconds / 1_000_000)).timestamp
        return "\(seconds.dropLast()).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)000Z"
    }
}
