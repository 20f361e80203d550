/// What to do when a quota has no room for a new record: a pure function of the refusal, what was done before, and the
/// tool's records.
struct RoomStep: Equatable {
    /// What is to be done next.
    enum Action: Equatable {
        /// Create the record again after this time: the quota may not have counted the last removal yet.
        case wait(Duration)
        /// List the tool's records and ask again with them.
        case list
        /// Remove this record, the oldest, and create the new one again.
        case remove(DeploymentEntry)
        /// Report the refusal: no removal helps.
        case giveUp
    }

    /// What was done before to make room.
    struct History: Equatable {
        /// The refusal that led to the last removal and the number of records before it; `nil` if the removal had another
        /// cause.
        private(set) var removal: (refusal: QuotaRefusal, count: Int)?
        /// The waits that are left until the quota must have counted the last removal.
        private(set) var delays: ArraySlice<Duration>

        /// - Parameter hasRemoved: whether records were removed a moment ago, before the quota refused anything.
        init(hasRemoved: Bool) {
            delays = hasRemoved ? RoomStep.delays[...] : []
        }

        /// Notes an action that was performed.
        mutating func note(_ action: Action, because refusal: QuotaRefusal, entries: [DeploymentEntry]?) {
            switch action {
            case .wait:
                delays = delays.dropFirst()
            case .remove:
                removal = (refusal, entries?.count ?? 0)
                delays = RoomStep.delays[...]
            case .list, .giveUp:
                break
            }
        }

        static func == (left: Self, right: Self) -> Bool {
            left.delays == right.delays && left.removal?.refusal == right.removal?.refusal
                && left.removal?.count == right.removal?.count
        }
    }

    /// A quota counts a removal a moment later: waits before the next removal, 3.15 s in all.
    static let delays: [Duration] = [
        .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
        .milliseconds(1_600),
    ]

    /// What is to be done now.
    let action: Action

    /// The step that follows from a refusal.
    ///
    /// - Parameter entries: the tool's records; `nil` if they were not listed since the refusal.
    init(_ refusal: QuotaRefusal, after history: History, entries: [DeploymentEntry]?) {
        let hasCounted = history.removal.map { $0.refusal.used != refusal.used } ?? false
        guard !refusal.allowsNone else {
            action = .giveUp
            return
        }
        if !hasCounted, let delay = history.delays.first {
            action = .wait(delay)
            return
        }
        guard let entries else {
            action = .list
            return
        }
        // Fewer records, and the quota, asked until it must have counted again, still says the same: it counts others.
        let isNoHelp = history.removal.map { $0.refusal.used == refusal.used && entries.count < $0.count } ?? false
        let oldest = Retention(entries).surplus(keeping: entries.count - 1).first
        action = if !isNoHelp, let oldest { .remove(oldest) } else { .giveUp }
    }
}
