/// What a deployment does next: a pure function of its record and of what was observed of its builds.
///
/// The caller performs the actions, adds their results to the findings and computes the step again, until there are no
/// more actions; then it stores the status. Findings only move a build forward, and a build that has ended stays as it
/// is, so it does not matter which of several callers stores first.
struct DeploymentStep: Equatable {
    /// What was observed of one build.
    enum Finding: Equatable {
        /// Read: it does not exist.
        case absent
        /// Read: it exists.
        case present(BuildObservation)
        /// Asked to start, with this result.
        case start(BuildStart)
    }

    /// What is to be done about one build.
    enum Action: Equatable {
        /// Read it.
        case observe(PlannedBuild)
        /// Create it.
        case start(PlannedBuild)
    }

    /// Whether builds may exist that the record does not note.
    enum Origin {
        /// The caller has just stored the record: nothing else can have started its builds yet.
        case justRecorded
        /// Anything may have happened since the record was stored.
        case read
    }

    /// What is to be done now, all at the same time.
    private(set) var actions: [Action] = []
    /// The status as far as it is known.
    private(set) var status: DeploymentStatus

    /// The step that follows from the record and the findings, by component.
    init(_ record: DeploymentRecord, findings: [String: Finding], origin: Origin = .read) {
        status = record.status
        guard !record.status.phase(of: record.request).isTerminal else { return }
        for build in record.request.builds {
            let noted = record.status[build]
            guard !noted.phase.isTerminal else { continue }
            switch (findings[build.component], noted.start) {
            case (nil, .unconfirmed) where origin == .justRecorded:
                actions.append(.start(build))
            case (nil, _):
                actions.append(.observe(build))
            case (.absent, .unconfirmed):
                actions.append(.start(build))
            case (.absent, _):
                status.builds[build.component] = .vanished
            case (.present(let observation), _):
                status.builds[build.component] = noted.following(observation)
            case (.start(let start), _):
                status.builds[build.component] = noted.following(start)
            }
        }
    }
}

extension BuildStatus {
    fileprivate static let vanished = BuildStatus(
        start: .created, phase: .failed,
        message: "the build has vanished from the cluster before its end was seen, so its outcome is not known; "
            + "deploy again to be sure")

    /// The note after the build was read.
    fileprivate func following(_ observation: BuildObservation) -> BuildStatus {
        // A read that began earlier may be stored later: a running build does not become pending again.
        if phase == .running, observation.phase == .pending { return self }
        return BuildStatus(start: .created, phase: observation.phase, message: observation.message)
    }

    /// The note after the build was asked to start.
    fileprivate func following(_ start: BuildStart) -> BuildStatus {
        // It was noted as created by a caller that has seen it.
        guard self.start == .unconfirmed else { return self }
        return switch start {
        case .started:
            BuildStatus(start: .created, phase: .pending, message: "waiting for the cluster to start it")
        case .refused(let reason):
            BuildStatus(start: .refused, phase: .failed, message: reason)
        case .unconfirmed(let reason):
            BuildStatus(
                start: .unconfirmed, phase: .pending,
                message: "its start is not confirmed: \(reason); the next look at this deployment makes sure of it")
        }
    }
}
