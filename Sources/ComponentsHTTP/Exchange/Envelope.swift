import JSON

/// The form of almost every response: the data, if there is any, and messages for the user.
struct Envelope: Equatable {
    /// What was asked for; absent from errors.
    var data: JSONValue?
    /// Messages for the user.
    var messages: Messages
    /// Whether lists without a message are left out: so one family has it in its answers to what was done.
    var omitsEmptyLists = false

    /// The envelope of a response with data.
    init(data: JSONValue?, info: [String] = [], warnings: [String] = []) {
        self.data = data
        messages = Messages(info: info, warning: warnings)
    }

    /// The envelope of an error: at least one sentence.
    init(errors: [String], warnings: [String] = []) {
        data = nil
        messages = Messages(warning: warnings, error: errors)
    }

    /// The envelope as JSON; the three lists are present, unless empty ones are left out.
    var json: JSONValue {
        let lists = [("info", messages.info), ("warning", messages.warning), ("error", messages.error)]
        let messages = JSONObject(
            unique: lists.filter { !omitsEmptyLists || !$0.1.isEmpty }.map { ($0.0, .strings($0.1)) })
        guard let data else { return .object(JSONObject(unique: [("messages", .object(messages))])) }
        return .object(JSONObject(unique: [("data", data), ("messages", .object(messages))]))
    }

    /// The envelope as one line of JSON.
    var line: [UInt8] { json.line }
}

/// Sentences for the user, in the three lists that every Toolforge API has.
struct Messages: Equatable {
    var info: [String] = []
    var warning: [String] = []
    var error: [String] = []
}

extension JSONValue {
    /// The value as one line.
    var line: [UInt8] {
        var line = serialized()
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// An array of strings.
    static func strings(_ strings: some Sequence<String>) -> JSONValue { .array(strings.map(JSONValue.string)) }
}
