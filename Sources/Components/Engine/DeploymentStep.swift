import struct Foundation.Date

/// The deadlines of deployments, from the moment at which they were asked for.
public struct DeploymentLimits: Sendable, Equatable {
    /// How long a build may start.
    public var buildStart: Duration

    /// Limits.
    public init(buildStart: Duration = .seconds(600)) {
        self.buildStart = buildStart
    }
}

/// What a deployment does next: a pure function of its record, what was observed of its builds, the tool's newer
/// deployments, the limits and the time.
///
/// The caller performs the actions, adds their results and computes the step again, until there are no more actions; then
/// it stores the status. Findings only move a build forward, and a build that has ended stays as it is, so it does not
/// matter which of several callers stores first.
///
/// A build starts only for a deployment that may still have it: one that is young enough, and whose component no newer
/// deployment has built. Otherwise an old request that is read again would build old code over the newest image.
struct DeploymentStep: Equatable {
    /// What was observed of one build.
    enum Finding: Equatable {
        /// Read: it does not exist.
        case absent
        /// Read: it exists.
        case present(BuildObservation)
        /// Asked to start, with this result.
        case start(BuildStart)
        /// It never runs: its name is taken, it was asked to end, or nobody can create it any more.
        case prevented
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Read this build.
        case observe(PlannedBuild)
        /// Create this build.
        case start(PlannedBuild)
        /// Ensure that this build never runs.
        case prevent(PlannedBuild)
        /// Do nothing in the cluster about this build, which does not exist: no creation of it can be under way any more.
        case abandon(PlannedBuild)
        /// List the tool's deployments that are newer than this one.
        case listNewer
    }

    /// Whether builds may exist that the record does not note.
    enum Origin {
        /// The caller has just stored the record: nothing else can have started its builds yet.
        case justRecorded
        /// Anything may have happened since the record was stored.
        case read
    }

    /// What the step depends on besides the record and its builds.
    struct Circumstances: Sendable {
        var origin: Origin
        /// The time by the cluster's clock.
        var now: Date
        var limits = DeploymentLimits()
        /// The tool's deployments that are newer than this one; `nil` if they were not listed.
        var newer: [DeploymentRecord]?
    }

    /// How long after the start deadline a creation that was decided before it may still arrive: longer than any call to the
    /// cluster takes.
    static let creationDelay = Duration.seconds(60)

    /// What is to be done now, all at the same time.
    private(set) var actions: [Action] = []
    /// The status as far as it is known.
    private(set) var status: DeploymentStatus

    /// The step that follows from the record and the findings, by component.
    init(_ record: DeploymentRecord, findings: [String: Finding], _ circumstances: Circumstances) {
        status = record.status
        guard !record.status.phase(of: record.request).isTerminal else { return }
        for build in record.request.builds {
            let noted = record.status[build]
            guard !noted.phase.isTerminal else { continue }
            switch (findings[build.component], noted.start) {
            case (nil, .unconfirmed) where circumstances.origin == .justRecorded:
                actions.append(.start(build))
            case (nil, _):
                actions.append(.observe(build))
            case (.absent, .unconfirmed):
                startIfAllowed(build, of: record, circumstances)
            case (.absent, _):
                status.builds[build.component] = .vanished
            case (.present(let observation), _):
                status.builds[build.component] = noted.following(observation)
            case (.start(let start), _):
                status.builds[build.component] = noted.following(start)
            case (.prevented, .created), (.prevented, .refused):
                // Noted by a caller that has seen it meanwhile: its next read finds it cancelled.
                break
            case (.prevented, .unconfirmed):
                status.builds[build.component] =
                    circumstances.builder(newerThan: build).map(BuildStatus.superseded)
                    ?? .notStarted(within: circumstances.limits.buildStart)
            }
        }
    }

    /// Decides about a build that does not exist and is not known to have been created.
    private mutating func startIfAllowed(
        _ build: PlannedBuild, of record: DeploymentRecord, _ circumstances: Circumstances
    ) {
        let limit = circumstances.limits.buildStart
        let age = record.age(at: circumstances.now)
        if age > limit + Self.creationDelay {
            actions.append(.abandon(build))
        } else if age > limit {
            actions.append(.prevent(build))
        } else if circumstances.newer == nil {
            if !actions.contains(.listNewer) { actions.append(.listNewer) }
        } else if circumstances.builder(newerThan: build) != nil {
            actions.append(.prevent(build))
        } else {
            actions.append(.start(build))
        }
    }
}

extension DeploymentStep.Circumstances {
    /// The id of a newer deployment that has created a build of the same component.
    fileprivate func builder(newerThan build: PlannedBuild) -> String? {
        newer?.first { record in
            record.request.builds.contains { other in
                other.component == build.component && record.status[other].start == .created
            }
        }?.request.identity.id
    }
}

extension BuildStatus {
    fileprivate static let vanished = BuildStatus(
        start: .created, phase: .failed, reason: .vanished,
        message: "the build has vanished from the cluster before its end was seen, so its outcome is not known; "
            + "deploy again to be sure")

    fileprivate static func notStarted(within limit: Duration) -> BuildStatus {
        BuildStatus(
            start: .unconfirmed, phase: .failed, reason: .notStarted,
            message:
                "the build was not started within \(limit.components.seconds) s of the request, and is not started "
                + "any more; deploy again")
    }

    fileprivate static func superseded(by id: String) -> BuildStatus {
        BuildStatus(
            start: .unconfirmed, phase: .cancelled, reason: .superseded,
            message: "the build was not started, because the newer deployment \(id) has built this component")
    }

    /// The note after the build was read.
    fileprivate func following(_ observation: BuildObservation) -> BuildStatus {
        // A read that began earlier may be stored later: a running build does not become pending again.
        if phase == .running, observation.phase == .pending { return self }
        return BuildStatus(
            start: .created, phase: observation.phase, reason: BuildReason(of: observation.phase),
            message: observation.message)
    }

    /// The note after the build was asked to start.
    fileprivate func following(_ start: BuildStart) -> BuildStatus {
        // It was noted as created by a caller that has seen it.
        guard self.start == .unconfirmed else { return self }
        return switch start {
        case .started:
            BuildStatus(start: .created, phase: .pending, message: "waiting for the cluster to start it")
        case .refused(let reason):
            BuildStatus(start: .refused, phase: .failed, reason: .refused, message: reason)
        case .unconfirmed(let reason):
            BuildStatus(
                start: .unconfirmed, phase: .pending,
                message: "its start is not confirmed: \(reason); the next look at this deployment makes sure of it")
        }
    }
}
