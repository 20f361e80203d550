public import struct Foundation.Date

/// What is noted of one build.
public struct BuildStatus: Sendable, Equatable {
    /// Whether the build is known to have been created.
    public var start: StartNote
    /// How far it has come.
    public var phase: BuildPhase
    /// Why it ended without success or does not begin; `nil` where there is nothing to say, and for a code that a later
    /// version wrote.
    public var reason: Reason?
    /// Why, in a sentence.
    public var message: String
    /// The commit that was built, if the cluster says so.
    public var commit: String?
    /// The image that was built, with its digest.
    public var image: String?
    /// The image of the buildpacks that built it, once it has ended.
    public var builder: String?
    /// When the cluster began with it, by its clock, in whole seconds.
    public var started: Date?
    /// When it ended, by the cluster's clock, in whole seconds.
    public var ended: Date?
    /// Whether its steps are known to have begun, so that there is nothing more to ask until it ends.
    public var hasBegun: Bool
    /// The end of its log, if it ended badly or was about to be ended.
    public var logTail: BuildLogTail?

    /// A note.
    public init(
        start: StartNote, phase: BuildPhase, reason: Reason? = nil, message: String, commit: String? = nil,
        image: String? = nil, builder: String? = nil, started: Date? = nil, ended: Date? = nil, hasBegun: Bool = false
    ) {
        self.start = start
        self.phase = phase
        self.reason = reason
        self.message = message
        self.commit = commit
        self.image = image
        self.builder = builder
        self.started = started
        self.ended = ended
        self.hasBegun = hasBegun
    }

    /// A build of which nothing is known yet.
    static let unconfirmed = BuildStatus(
        start: .unconfirmed, phase: .pending, message: "its start is not confirmed yet")

    /// Why the build has no log and never will have one, because it is never created; `nil` if it was, or may be.
    var neverStarted: String? { start == .refused || (phase.isTerminal && start != .created) ? message : nil }

    /// The end of a build that was known when the deployment was asked for; `nil` for one that is to be created.
    static func neverCreated(_ build: PlannedBuild) -> BuildStatus? {
        if let failure = build.failure {
            return BuildStatus(start: .refused, phase: .failed, reason: failure.reason, message: failure.message)
        }
        guard let taken = build.taken else { return nil }
        return BuildStatus(
            start: .refused, phase: .succeeded, reason: .unchanged,
            message:
                "nothing has changed since the build \(taken.build) of the deployment \(taken.deployment), whose image "
                + "is taken",
            commit: build.commit, image: taken.image, builder: taken.builder)
    }
}

/// Whether a build is known to have been created.
///
/// It decides what the absence of a build means: one noted as created has vanished, any other is still to be created. So a
/// creation that was interrupted is finished by the next caller.
public enum StartNote: String, Sendable, CaseIterable {
    /// Not known.
    case unconfirmed
    /// It was seen.
    case created
    /// It is not: the cluster refused it, for a reason that a repeat does not change, or there was nothing to build, or an earlier
    /// build is taken.
    case refused
}
