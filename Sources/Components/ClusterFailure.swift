/// Why a port could not do its part.
///
/// The reasons are sentences fit for a user: an adapter keeps to its log what users must not see.
public enum ClusterFailure: Error, Sendable, Equatable {
    /// The tool does not exist.
    case toolMissing
    /// The tool is being deleted.
    case toolTerminating
    /// The object is being deleted: it takes no change, and its name is not free yet.
    case terminating
    /// The object to change does not exist.
    case absent
    /// The name is taken.
    case exists
    /// The object was changed since it was read.
    case conflict
    /// A quota has no room for another object.
    case full(QuotaRefusal)
    /// The cluster's rules refuse it.
    case refused(reason: String)
    /// More than the cluster stores in one object.
    case tooLarge
    /// An object exists, but not as this service writes it: it was made or changed by others. The reason says what is not
    /// readable, as a clause without a full stop.
    case unreadable(reason: String)
    /// The cluster forbids it to this service, or does not know what this service needs.
    case failed(reason: String)
    /// The cluster's response makes no sense; the next one may.
    case invalidResponse(reason: String)
    /// The cluster is away or overloaded; `reason` says so if a write may have been done all the same. `retryAfter` is in
    /// seconds, if the cluster gave it.
    case unavailable(reason: String, retryAfter: Int?)
    /// No response in time. `mayHaveHappened`: a write whose outcome is not known.
    case timedOut(mayHaveHappened: Bool)
}

/// What a quota says when it has no room for another object.
public struct QuotaRefusal: Sendable, Equatable {
    /// The cluster's own sentence.
    public var reason: String
    /// The quota's count of what is in use, by resource: it changes when the quota has counted again.
    public var used: [String: String]
    /// Whether the quota allows no object at all, so that removing others makes no room.
    public var allowsNone: Bool

    /// A quota's refusal.
    public init(reason: String, used: [String: String] = [:], allowsNone: Bool = false) {
        self.reason = reason
        self.used = used
        self.allowsNone = allowsNone
    }
}
