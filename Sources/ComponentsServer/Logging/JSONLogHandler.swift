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
        var members: [JSONObject.Member] = [
            ("time", .string(LogTime.now.description)), ("level", .string(event.level.rawValue)),
            ("message", .string(event.message.description)), ("logger", .string(label)),
        ]
        // The nearest one wins: the event's, then the logger's, then the context's.
        var fields = event.metadata ?? [:]
        fields.merge(metadata) { nearer, _ in nearer }
        fields.merge(metadataProvider?.get() ?? [:]) { nearer, _ in nearer }
        if let error = event.error { fields["error"] = "\(error)" }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) where !Self.ownNames.contains(key) {
            members.append((key, .string(value.description)))
        }
        var line = JSONValue.object(JSONObject(unique: members)).serialized()
        line.append(UInt8(ascii: "\n"))
        destination.write(line)
    }

    /// Names that no metadata takes the place of.
    private static let ownNames: Set = ["time", "level", "message", "logger"]
}
