/// Why a port could not do its part.
///
/// The reasons are sentences fit for a user: an adapter keeps to its log what they must not see.
public enum StoreError: Error, Sendable, Equatable {
    /// The tool does not exist.
    case toolMissing
    /// The tool is being deleted.
    case toolTerminating
    /// The object to change is not there.
    case absent
    /// The name is taken.
    case exists
    /// The object was changed since it was read.
    case conflict
    /// A quota has no room for another object.
    ///
    /// `usage`: what the quota says of its use, which names no object and so changes only when it has counted again.
    /// `allowsNone`: it has no room for the first object either, so nothing can make room.
    case full(reason: String, usage: String = "", allowsNone: Bool = false)
    /// The store's rules refuse it.
    case refused(reason: String)
    /// More than the store takes in one object.
    case tooLarge
    /// An object is there but cannot be understood.
    case unreadable(reason: String)
    /// The store forbids it to this service, or answered what makes no sense.
    case failed(reason: String)
    /// The store is away or overloaded; `reason` says so if a write may have been done all the same. `retryAfter` is in
    /// seconds, if the store said so.
    case unavailable(reason: String, retryAfter: Int?)
    /// No answer in time. `mayHaveHappened`: a write whose outcome is not known.
    case timedOut(mayHaveHappened: Bool)
}

extension ComponentsError {
    /// What a port's failure means to the user who asked for something of `tool`.
    ///
    /// - Parameter what: the object at hand, as a user would name it: "the config", "the deployment demo-deploy-…".
    init(_ error: StoreError, tool: ToolName, what: String) {
        self =
            switch error {
            case .toolMissing: .toolMissing(tool)
            case .toolTerminating: .toolTerminating(tool)
            case .absent, .exists, .conflict: .contended(what: what)
            case .full(let reason, _, _), .refused(let reason): .rejected(reason: reason)
            case .tooLarge: .tooLarge(what: what)
            case .unreadable(let reason): .unreadable(what: what, reason: reason)
            case .failed(let reason): .clusterFailed(reason: reason)
            case .unavailable(let reason, let retryAfter): .unavailable(reason: reason, retryAfter: retryAfter)
            case .timedOut(let mayHaveHappened):
                .timedOut(
                    reason: mayHaveHappened
                        ? "\(what) may have been stored all the same; look before you ask again"
                        : "nothing was changed; try again")
            }
    }
}
