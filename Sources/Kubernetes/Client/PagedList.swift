/// The pages of a list so far, and which page comes next.
///
/// A value without a network. The server keeps the version that a list began with for some minutes only; a later page
/// is 410, and the list is started again: pages of two versions do not make one list. A page that is larger than the
/// client reads starts it again, too, with fewer objects a page.
struct PagedList<Item: Sendable>: Sendable {
    private static var maximumRestarts: Int { 2 }

    private var query: ListQuery
    private var restarts = 0
    private(set) var items: [Item] = []
    /// The next page's query; `nil` once the list is complete.
    private(set) var next: ListQuery?

    init(query: ListQuery) {
        self.query = query
        next = query
    }

    /// Adds a page.
    ///
    /// - Parameters:
    ///   - continueToken: the token of the page after it; `nil` on the last.
    mutating func add(_ page: [Item], continueToken: String?) {
        items += page
        next = continueToken.map { token in
            var next = query
            next.continueToken = token
            return next
        }
    }

    /// Starts the list again if the error calls for that, and throws it otherwise.
    mutating func failed(_ error: KubernetesError) throws(KubernetesError) {
        if error.code == .responseTooLarge, query.limit > 1 {
            query.limit = max(1, query.limit / 4)
        } else if error.isGone, next?.continueToken != nil, restarts < Self.maximumRestarts {
            restarts += 1
        } else {
            throw error
        }
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

    var selectors: [(String, String)] {
        var parameters: [(String, String)] = []
        if let labelSelector { parameters.append(("labelSelector", labelSelector)) }
        if let fieldSelector { parameters.append(("fieldSelector", fieldSelector)) }
        return parameters
    }

    var parameters: [(String, String)] {
        var parameters = [("limit", String(limit))] + selectors
        if let continueToken { parameters.append(("continue", continueToken)) }
        return parameters
    }
}
