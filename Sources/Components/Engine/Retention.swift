/// Which deployments of a tool stay: the newest ones.
///
/// The newest is what was asked for last, by the cluster's clock; at the same microsecond, the greater id.
struct Retention: Equatable {
    /// The oldest first.
    private let entries: [DeploymentEntry]

    init(_ entries: [DeploymentEntry]) {
        self.entries = entries.sorted { $0.isOlder(than: $1) }
    }

    /// All of them, the newest first.
    var newestFirst: [DeploymentEntry] { entries.reversed() }

    /// What must go so that `count` are left, the oldest first.
    ///
    /// The caller's own deployment may be among them: if it were left out, each of two simultaneous deploys could leave the
    /// trimming to the other, and one too many would stay.
    func surplus(keeping count: Int) -> [DeploymentEntry] {
        Array(entries.prefix(max(0, entries.count - count)))
    }
}
