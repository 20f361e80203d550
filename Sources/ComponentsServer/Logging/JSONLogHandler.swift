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
        // Each request writes at least one line: it goes straight into bytes, as neither a dictionary nor a JSON value.
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

    /// The nearest one wins: the event's, then the logger's, then the context's.
    private func fields(of event: LogEvent) -> LogFields {
        var fields = LogFields()
        if let error = event.error { fields.add("error", "\(error)") }
        fields.add(event.metadata ?? [:])
        fields.add(metadata)
        fields.add(metadataProvider?.get() ?? [:])
        return fields
    }
}
