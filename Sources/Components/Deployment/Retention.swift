/// Which deployments of a tool stay: the newest ones.
///
/// Newest is what the store recorded last, by the store's own clock; within one of its seconds, the greater id.
struct Retention: Equatable {
    /// The oldest first.
    private let entries: [DeploymentEntry]

    init(_ entries: [DeploymentEntry]) {
        self.entries = entries.sorted {
            $0.createdAt == $1.createdAt
                ? $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) : $0.createdAt < $1.createdAt
        }
    }

    /// What must go so that `count` are left, the oldest first.
    ///
    /// The one that asks may be among them: were it left out, each of two simultaneous deploys could take the other for
    /// the one that trims, and one too many would stay.
    func surplus(keeping count: Int) -> [DeploymentEntry] {
        Array(entries.prefix(max(0, entries.count - count)))
    }
}
