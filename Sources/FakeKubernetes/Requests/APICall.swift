/// One request to the API: everything that decides about its answer.
struct APICall: Sendable {
    var verb: Verb
    var path: ResourcePath
    var query: QueryItems
    /// Header fields by their lower-case names.
    var contentType = ""
    var accept = ""
    var userAgent = ""
    var body: [UInt8] = []
    /// Who asks.
    var user = ""

    var resource: GroupResource { path.groupResource }

    /// The verb of a method on a path, or `nil` for a method that the API does not know.
    static func verb(method: String, path: ResourcePath, query: QueryItems) -> Verb? {
        switch (method, path.name != nil) {
        case ("GET", _) where query.isSet("watch"), ("HEAD", _) where query.isSet("watch"): .watch
        case ("GET", true), ("HEAD", true): .get
        case ("GET", false), ("HEAD", false): .list
        case ("POST", _): .create
        case ("PUT", _): .update
        case ("PATCH", _): .patch
        case ("DELETE", true): .delete
        case ("DELETE", false): .deletecollection
        default: nil
        }
    }

    /// Whether nothing may be stored (`dryRun=All`).
    var isDryRun: Bool { query["dryRun"] != nil }

    /// The name under which a change is noted in `managedFields`.
    var fieldManager: String {
        if let manager = query["fieldManager"], !manager.isEmpty { return manager }
        let agent = userAgent.prefix { $0 != "/" }
        return agent.isEmpty ? "unknown" : String(agent)
    }
}
