import JSON
import Logging

/// Writes each log event as one JSON object on a line of its own: `time`, `level`, `message`, `logger`, then the
/// metadata as strings.
struct JSONLogHandler: LogHandler {
    let label: String
    let destination: LogDestination
    var metadataProvider: Logger.MetadataProvider?
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // Each request writes at least one line, so it is written as bytes, without a dictionary or a JSON value.
        var line: [UInt8] = []
        line.reserveCapacity(512)
        line.append("{\"time\":")
        line.append(json: LogTime.now.description)
        line.append(",\"level\":")
        line.append(json: event.level.rawValue)
        line.append(",\"message\":")
        line.append(json: event.message.description)
        line.append(",\"logger\":")
        line.append(json: label)
        for field in fields(of: event).members {
            line.append(",")
            line.append(json: field.key)
            line.append(":")
            line.append(json: field.value)
        }
        line.append("}\n")
        destination.write(line)
    }

    /// The fields; of equal names the event's has precedence, then the logger's, then the context's.
    private func fields(of event: LogEvent) -> LogFields {
        var fields = LogFields()
        if let error = event.error { fields.add("error", "\(error)") }
        fields.add(event.metadata ?? [:])
        fields.add(metadata)
        fields.add(metadataProvider?.get() ?? [:])
        return fields
    }
}

/// The metadata of one line: each name once, sorted.
///
/// There are so few names that a linear search costs less than a hash.
struct LogFields {
    /// Names that metadata cannot override.
    private static let ownNames = ["time", "level", "message", "logger"]

    private(set) var members: [(key: String, value: String)] = []

    init() { members.reserveCapacity(10) }

    /// Adds a field, unless there is one with that name.
    mutating func add(_ key: String, _ value: @autoclosure () -> String) {
        let index = members.firstIndex { $0.key >= key } ?? members.endIndex
        guard index == members.endIndex || members[index].key != key, !Self.ownNames.contains(key) else { return }
        members.insert((key, value()), at: index)
    }

    /// Adds the fields whose names are not there yet.
    mutating func add(_ metadata: Logger.Metadata) {
        for (key, value) in metadata { add(key, value.description) }
    }
}
