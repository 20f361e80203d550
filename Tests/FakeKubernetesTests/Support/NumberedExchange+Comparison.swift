import FakeKubernetes

extension NumberedExchange {
    /// The answer as it was given: a few bodies were written down after the recorder had changed them.
    var correctedAnswer: Value {
        var answer = answer
        switch id {
        case "objects[5]": answer.set(1, at: "spec", "x")
        case "leases[0]": answer.set("a", at: "spec", "holderIdentity")
        default: break
        }
        return answer
    }

    /// Both bodies without what the fake does not imitate.
    func comparable(recorded: Value, actual: Value) -> (recorded: Value, actual: Value) {
        var (recorded, actual) = (recorded, actual)
        if !keepsManagedFields {
            (recorded, actual) = (recorded.without(["managedFields"]), actual.without(["managedFields"]))
        }
        (recorded, actual) = (recorded.withWritersInOrder, actual.withWritersInOrder)
        if ["taskruns", "pods", "gc", "watch2"].contains(file) {
            // The test stores what others had written, so that versions do not follow one another as recorded.
            (recorded, actual) = (recorded.withPlainVersions, actual.withPlainVersions)
        }
        switch file {
        case "pipelineruns" where status == 200:
            // How often the spec had changed depends on how often Tekton wrote; and its webhook was not there.
            recorded.set(nil, at: "metadata", "generation")
            actual.set(nil, at: "metadata", "generation")
            (recorded, actual) = (recorded.withoutDefaults, actual.withoutDefaults)
        case "pipelineruns": (recorded, actual) = (recorded.withoutDefaults, actual.withoutDefaults)
        case "leases2", "watch2":
            // What the patched object looked like in Go's order, and versions in messages.
            (recorded, actual) = (recorded.withPlainMessages, actual.withPlainMessages)
        case "discovery": (recorded, actual) = comparableDiscovery(recorded: recorded, actual: actual)
        case "watch" where recorded["type"] == "ERROR":
            // The oldest version that is kept is another one.
            func withoutNumbers(_ value: Value) -> Value {
                var value = value
                let message = value.at("object", "message")?.string ?? ""
                value.set(.string(message.replacing(/\(\d+\)/, with: "(…)")), at: "object", "message")
                return value
            }
            (recorded, actual) = (withoutNumbers(recorded), withoutNumbers(actual))
        default: break
        }
        return (recorded, actual)
    }

    /// Whether the fake keeps track of writers as the real server does: in custom resources, but for the ones that server-side
    /// apply had written before.
    private var keepsManagedFields: Bool {
        switch file {
        case "objects": true
        case "status", "lists": true
        default: false
        }
    }
}

extension Value {
    /// A PipelineRun without what Tekton's webhook fills in.
    fileprivate var withoutDefaults: Value {
        var run = self
        run.set(nil, at: "spec", "taskRunTemplate")
        run.set(nil, at: "spec", "timeouts")
        return run
    }

    /// The value with the same text for every version.
    fileprivate var withPlainVersions: Value {
        switch self {
        case .object(let members):
            .object(
                Members(members.map { ($0, $0 == "resourceVersion" ? "<version>" : $1.withPlainVersions) }))
        case .array(let elements): .array(elements.map(\.withPlainVersions))
        case .null, .bool, .int, .double, .string: self
        }
    }

    /// The value with messages that name neither versions nor the text of a patched object.
    fileprivate var withPlainMessages: Value {
        switch self {
        case .object(let members):
            .object(
                Members(
                    members.map { key, value in
                        guard key == "message", let text = value.string else { return (key, value.withPlainMessages) }
                        let plain = text.replacing(
                            /Invalid value: "\{.*\}": (?=parsing|json)/, with: "Invalid value: …: "
                        )
                        .replacing(/\(\d+\)$/, with: "(…)").replacing(/current: \d+$/, with: "current: …")
                        return (key, .string(plain))
                    }))
        case .array(let elements): .array(elements.map(\.withPlainMessages))
        case .null, .bool, .int, .double, .string: self
        }
    }

    /// The value with every `managedFields` in the order of its writers: the server's own order depends on the second in
    /// which each wrote.
    fileprivate var withWritersInOrder: Value {
        switch self {
        case .object(let members):
            .object(
                Members(
                    members.map { key, value in
                        guard key == "managedFields", let entries = value.array else {
                            return (key, value.withWritersInOrder)
                        }
                        func writer(_ entry: Value) -> String {
                            "\(entry["manager"]?.string ?? "") \(entry["subresource"]?.string ?? "")"
                        }
                        return (key, .array(entries.sorted { writer($0) < writer($1) }))
                    }))
        case .array(let elements): .array(elements.map(\.withWritersInOrder))
        case .null, .bool, .int, .double, .string: self
        }
    }
}
