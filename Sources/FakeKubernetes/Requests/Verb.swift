/// What a request does, in the API's own words.
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
