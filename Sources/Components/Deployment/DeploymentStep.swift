/// What a deployment does next: a pure function of its record and of what was found out about its builds.
///
/// `POST`, `GET` and whatever may drive deployments later perform the actions, add what came of them to the findings
/// and ask again, until there are no more actions; then they store the status. Findings only ever move a build forward,
/// and what has ended stays as it is, so it does not matter who stores first.
struct DeploymentStep: Equatable {
    /// What was found out about one build.
    enum Finding: Equatable {
        /// Looked at: there is none.
        case absent
        /// Looked at: there it is.
        case present(BuildObservation)
        /// Asked to start.
        case start(BuildStart)
    }

    /// What is to be done about one build.
    enum Action: Equatable {
        /// Look at it.
        case observe(PlannedBuild)
        /// Create it.
        case start(PlannedBuild)
    }

    /// Whether builds may exist of which the record says nothing.
    enum Origin {
        /// The record was made a moment ago by the one who asks: nobody can have started its builds before.
        case justRecorded
        /// Anything may have happened since the record was made.
        case read
    }

    /// What is to be done now; all at the same time.
    private(set) var actions: [Action] = []
    /// What is known by now.
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

    /// The note after the build was looked at.
    fileprivate func following(_ observation: BuildObservation) -> BuildStatus {
        // A look that began earlier may be stored later: what runs does not wait again.
        if phase == .running, observation.phase == .pending { return self }
        return BuildStatus(start: .created, phase: observation.phase, message: observation.message)
    }

    /// The note after the build was asked to start.
    fileprivate func following(_ start: BuildStart) -> BuildStatus {
        // Whoever noted it as created has seen it.
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
