import JSON

/// The pages of a list so far, and which page comes next.
///
/// A value without a network. The server keeps the version that a list began with for some minutes only; a later page
/// is 410, and the list is started again: pages of two versions do not make one list.
struct PagedList: Sendable {
    /// One page.
    struct Page: Sendable {
        var items: [JSONValue]
        /// The token of the next page; `nil` on the last.
        var continueToken: String?
    }

    static let maximumRestarts = 2

    private let query: ListQuery
    private var restarts = 0
    private(set) var items: [JSONValue] = []
    /// The next page's query; `nil` once the list is complete.
    private(set) var next: ListQuery?

    init(query: ListQuery) {
        self.query = query
        next = query
    }

    mutating func add(_ page: Page) {
        items += page.items
        next = page.continueToken.map { token in
            var next = query
            next.continueToken = token
            return next
        }
    }

    /// Starts the list again if the error calls for that, and throws it otherwise.
    mutating func failed(_ error: KubernetesError) throws(KubernetesError) {
        guard error.isGone, next?.continueToken != nil, restarts < Self.maximumRestarts else { throw error }
        restarts += 1
        items = []
        next = query
    }
}

/// Which objects a list selects, and how many a page holds.
struct ListQuery: Sendable, Equatable {
    var labelSelector: String?
    var fieldSelector: String?
    var limit: Int
    /// The server's token for the page.
    var continueToken: String?

    var parameters: [(String, String)] {
        var parameters = [("limit", String(limit))]
        if let labelSelector { parameters.append(("labelSelector", labelSelector)) }
        if let fieldSelector { parameters.append(("fieldSelector", fieldSelector)) }
        if let continueToken { parameters.append(("continue", continueToken)) }
        return parameters
    }
}
