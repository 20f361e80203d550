/// Which objects a list is to hold, and how many come at a time.
struct ListQuery: Sendable, Equatable {
    var labelSelector: String?
    var fieldSelector: String?
    var limit: Int
    /// Where the next page begins, as the server said.
    var continueToken: String?

    var parameters: [(String, String)] {
        var parameters = [("limit", String(limit))]
        if let labelSelector { parameters.append(("labelSelector", labelSelector)) }
        if let fieldSelector { parameters.append(("fieldSelector", fieldSelector)) }
        if let continueToken { parameters.append(("continue", continueToken)) }
        return parameters
    }
}
