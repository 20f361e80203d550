import FakeKubernetes

extension NumberedExchange {
    /// Both answers, reduced to what both servers serve: the real one had dozens of groups more.
    func comparableDiscovery(recorded: Value, actual: Value) -> (recorded: Value, actual: Value) {
        switch path {
        case "/version":
            // What the server was built of.
            let build: Set = ["buildDate", "compiler", "gitCommit", "gitTreeState", "goVersion"]
            return (recorded.without(build), actual.without(build))
        case "/api": return (recorded.without(["serverAddress"]), actual.without(["serverAddress"]))
        case "/apis" where recorded["groups"] != nil:
            // Of a group's versions too, only those that both have: Tekton's older ones are not served.
            var (recorded, actual) = Self.common(recorded, actual, "groups") { $0["name"] }
            let groups = zip(recorded["groups"]?.array ?? [], actual["groups"]?.array ?? []).map { recorded, actual in
                Self.common(recorded, actual, "versions") { $0["version"] }
            }
            (recorded["groups"], actual["groups"]) = (.array(groups.map(\.0)), .array(groups.map(\.1)))
            return (recorded, actual)
        case "/apis": return commonAggregated(recorded, actual)
        case "/openapi/v3":
            return (Self.locations(in: recorded, also: actual), Self.locations(in: actual, also: actual))
        case let path where path.hasPrefix("/openapi/v3/"):
            return (Self.schemas(in: recorded), Self.schemas(in: actual))
        default:
            return Self.common(
                recorded.without(["storageVersionHash"]), actual.without(["storageVersionHash"]), "resources"
            ) { $0["name"] }
        }
    }

    /// Keeps of the recorded list what the other has too, in the other's order.
    private static func common(
        _ recorded: Value, _ actual: Value, _ key: String, by identity: (Value) -> Value?
    ) -> (Value, Value) {
        guard let theirs = recorded[key]?.array, let ours = actual[key]?.array else { return (recorded, actual) }
        var recorded = recorded
        recorded[key] = .array(ours.compactMap { own in theirs.first { identity($0) == identity(own) } })
        return (recorded, actual)
    }

    private func commonAggregated(_ recorded: Value, _ actual: Value) -> (Value, Value) {
        var (recorded, actual) = Self.common(recorded, actual, "items") { $0.at("metadata", "name") }
        guard var theirs = recorded["items"]?.array, var ours = actual["items"]?.array, theirs.count == ours.count
        else {
            return (recorded, actual)
        }
        for index in ours.indices {
            guard var their = theirs[index]["versions"]?[0], var our = ours[index]["versions"]?[0] else { continue }
            (their, our) = Self.common(their, our, "resources") { $0["resource"] }
            theirs[index]["versions"] = [their]
            ours[index]["versions"] = [our]
        }
        (recorded["items"], actual["items"]) = (.array(theirs), .array(ours))
        return (recorded, actual)
    }

    /// Where the documents of the groups lie that both have; the hash says what is in them.
    private static func locations(in index: Value, also other: Value) -> Value {
        let paths = (index["paths"]?.object ?? [:]).filter { other.at("paths", $0.key) != nil }
        return .object(
            Members(
                paths.map { name, location in
                    let url = location["serverRelativeURL"]?.string ?? ""
                    return (name, .string(url.replacing(/hash=[0-9A-F]+$/, with: "hash=…")))
                }))
    }

    /// The paths of a group's document, and the schemas of its kinds without what explains them.
    private static func schemas(in document: Value) -> Value {
        let schemas = (document.at("components", "schemas")?.object ?? [:]).filter { $0.key.hasPrefix("org.toolforge") }
        return [
            "paths": .array((document["paths"]?.object ?? [:]).keys.map { .string($0) }),
            "schemas": .object(Members(schemas.map { ($0.key, $0.value.without(["description"])) })),
        ]
    }
}
