import JSON

/// The pages of a list so far, and which one comes next.
///
/// A value without a network. The server keeps the version that a list began with for some minutes only; a page asked
/// for later is 410, and the list begins anew: pages of two versions do not make one list.
struct PagedList: Sendable {
    /// One page.
    struct Page: Sendable {
        var items: [JSONValue]
        /// Where the next one begins; `nil` on the last.
        var continueToken: String?
    }

    static let maximumRestarts = 2

    private let query: ListQuery
    private var restarts = 0
    private(set) var items: [JSONValue] = []
    /// What to ask for next; `nil` once the list is whole.
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

    /// Begins anew if that is what the error asks for, and throws it otherwise.
    mutating func failed(_ error: KubernetesError) throws(KubernetesError) {
        guard error.isGone, next?.continueToken != nil, restarts < Self.maximumRestarts else { throw error }
        restarts += 1
        items = []
        next = query
    }
}
