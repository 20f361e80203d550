/// One request to the API: everything that its response depends on.
struct APICall: Sendable {
    var verb: Verb
    /// Whether the method was `HEAD`: a get or a list without a body.
    var isHead = false
    var path: ResourcePath
    var query: QueryItems
    /// Header fields by their lower-case names.
    var contentType = ""
    var accept = ""
    var userAgent = ""
    var body: [UInt8] = []
    /// The client's name.
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

/// The API's verb for a request.
enum Verb: String, Sendable, CaseIterable {
    case get, list, watch, create, update, patch, delete, deletecollection

    /// Whether a request with this verb may change an object.
    var isWrite: Bool {
        switch self {
        case .get, .list, .watch: false
        case .create, .update, .patch, .delete, .deletecollection: true
        }
    }
}
