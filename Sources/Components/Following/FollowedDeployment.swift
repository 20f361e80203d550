public import struct Foundation.Date

/// A deployment as it stood when it was looked at.
///
/// A small value: what was seen is kept once for all to whom it is shown.
public struct SeenDeployment: Sendable, Equatable {
    /// What was seen.
    final class State: Sendable {
        let deployment: Deployment
        let version: String

        init(deployment: Deployment, version: String) {
            self.deployment = deployment
            self.version = version
        }
    }

    private let state: State
    /// When it was seen, by the cluster's clock.
    public let seenAt: Date

    /// The deployment.
    public var deployment: Deployment { state.deployment }
    /// Which state it is: every change that is stored makes another.
    public var version: String { state.version }

    /// A deployment in a state.
    public init(deployment: Deployment, version: String, seenAt: Date) {
        self.init(State(deployment: deployment, version: version), at: seenAt)
    }

    /// A state that was seen.
    init(_ state: State, at seenAt: Date) {
        self.state = state
        self.seenAt = seenAt
    }

    /// Whether both show the same.
    public static func == (one: SeenDeployment, other: SeenDeployment) -> Bool {
        one.version == other.version && one.deployment == other.deployment && one.seenAt == other.seenAt
    }
}

/// Something that whoever follows a deployment is told.
public enum FollowingEvent: Sendable, Equatable {
    /// It was stored anew; if it has ended, this is the last event.
    case changed(SeenDeployment)
    /// It was removed. The last event.
    case removed
    /// The cluster could not be asked; it is asked again.
    case failed(ClusterFailure)
    /// Nothing was told for a while.
    case quiet
    /// The task is to end: nobody listens any more, or the service stops. The last event.
    case interrupted
}

/// A deployment that is followed, for as long as a copy of this lives.
public struct FollowedDeployment: Sendable {
    /// How it stood at first.
    public let first: SeenDeployment
    private let tell: @Sendable (_ handle: (FollowingEvent) async throws -> Void) async throws -> Void

    /// A deployment, and what tells what happens to it afterwards.
    public init(
        first: SeenDeployment,
        tell: @escaping @Sendable (_ handle: (FollowingEvent) async throws -> Void) async throws -> Void
    ) {
        self.first = first
        self.tell = tell
    }

    /// Hands over what happens after `first`, one event after the other, and returns after the last; to be called once.
    ///
    /// No version comes twice or after a newer one, and the end comes once; changes that follow each other quickly may be
    /// merged. If it had ended at first, nothing happens.
    /// - Throws: what `handle` throws.
    public func forEach(_ handle: (FollowingEvent) async throws -> Void) async throws { try await tell(handle) }
}
