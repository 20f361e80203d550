import struct Foundation.Date

/// What a deployment does next: a pure function of its record, what was observed of its builds, the tool's other
/// deployments, the limits and the time.
///
/// The caller performs the actions, adds their results and computes the step again, until there are no more actions; then
/// it stores the status. Findings only move a build forward, and a build that has ended stays as it is, so it does not
/// matter which of several callers stores first.
///
/// A build starts only for a deployment that may still have it: one that was not told to stop, is young enough, and whose
/// component no newer deployment has built. Otherwise an old request that is read again would build old code over the newest
/// image. Once it is decided that a deployment stops, every build that has not ended is ended. A build of which the record says
/// that there is nothing to build, or that an earlier one is taken, has ended from the start.
struct DeploymentStep: Equatable {
    /// What was observed of one build.
    enum Finding: Equatable {
        /// Read: it does not exist.
        case absent
        /// Read, or answered to the demand to end: it exists.
        case present(BuildObservation)
        /// It exists, and what else the cluster tells about it was read.
        case explained(BuildObservation)
        /// Asked to start, with this result.
        case start(BuildStart)
        /// It never runs: its name is taken, or nobody can create it any more.
        case prevented
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Read this build.
        case observe(PlannedBuild)
        /// Create this build.
        case start(PlannedBuild)
        /// Ask this build to end.
        case cancel(PlannedBuild)
        /// Ensure that this build never runs.
        case prevent(PlannedBuild)
        /// Do nothing in the cluster about this build, which does not exist: no creation of it can be under way any more.
        case abandon(PlannedBuild)
        /// Read what else the cluster knows of this build: of its end, or of what it waits for.
        case explain(PlannedBuild, BuildObservation)
        /// List the tool's other deployments.
        case listOthers
        /// Stop these older deployments, because this one takes their place.
        case supersede([DeploymentRecord])
    }

    /// Whether builds may exist that the record does not note.
    enum Origin {
        /// The caller has just stored the record: nothing else can have started its builds yet.
        case justRecorded
        /// The caller has just stored the decision to stop: every build is to end, at once.
        case justStopped
        /// Anything may have happened since the record was stored.
        case read
    }

    /// What the step depends on besides the record and its builds.
    struct Circumstances: Sendable {
        var origin: Origin
        /// The time by the cluster's clock, in whole microseconds.
        var now: Date
        var limits = DeploymentLimits()
        /// The tool's other deployments; `nil` if they were not listed.
        var others: [DeploymentRecord]?
        /// Whether the older deployments were told to stop.
        var hasSuperseded = false
    }

    /// What is to be done now, all at the same time.
    private(set) var actions: [Action] = []
    /// The status as far as it is known.
    private(set) var status: DeploymentStatus
    /// The id of another deployment that goes on, for which this new one is not to start: its record is to be removed.
    private(set) var rejection: String?
    /// Whether the status is to be stored before anything is started, so that the request that made the record, and may be about
    /// to take it back at the version that it knows, cannot do so any more.
    private(set) var isClaim = false

    private let record: DeploymentRecord
    private let circumstances: Circumstances

    static func == (left: Self, right: Self) -> Bool {
        left.actions == right.actions && left.status == right.status && left.rejection == right.rejection
    }

    /// The step that follows from the record and the findings, by component.
    init(_ record: DeploymentRecord, findings: [String: Finding], _ circumstances: Circumstances) {
        self.record = record
        self.circumstances = circumstances
        status = record.status
        guard !record.phase.isTerminal else { return }
        // What was never created has a deadline of its own.
        let isAtWork = record.request.builds.contains { status[$0].start == .created && !status[$0].phase.isTerminal }
        if status.stop == nil, isAtWork, record.age(at: circumstances.now) > circumstances.limits.deployment {
            status.stop = DeploymentStop(reason: .deploymentTimedOut, at: circumstances.now)
        }
        guard mayBegin() else { return }
        for build in record.request.builds where !status[build].phase.isTerminal {
            if let end = BuildStatus.neverCreated(build) {
                note(build, end)
            } else {
                decide(build, findings[build.component])
            }
        }
    }

    /// Does what the request says of deployments that overlap, before anything is started; `false` if builds have to wait for
    /// that.
    private mutating func mayBegin() -> Bool {
        let overlap = record.request.options.overlap
        guard status.stop == nil, overlap != .allow, record.status.builds.isEmpty else { return true }
        // The request that made the record may be about to take it back: a build that somebody else starts would be left.
        if circumstances.origin == .read, record.age(at: circumstances.now) < DeploymentLimits.firstStatus {
            return false
        }
        guard let others = circumstances.others else {
            actions.append(.listOthers)
            return false
        }
        let unfinished = others.filter { !$0.phase.isTerminal }
        switch overlap {
        case .allow:
            break
        case .reject:
            // Of several that reject at the same moment the one that was recorded first goes on: the others find its record.
            guard let other = unfinished.filter({ !$0.yields(to: record) }).foremost else {
                guard circumstances.origin == .read else { return true }
                isClaim = true
                for build in record.request.builds { note(build, .neverCreated(build) ?? .unconfirmed) }
                return false
            }
            guard circumstances.origin != .justRecorded else {
                rejection = other.request.identity.id
                return false
            }
            // Its request has died, or is slow and finds this when it takes the record back.
            status.stop = DeploymentStop(
                reason: .superseded, by: other.request.identity.id, at: circumstances.now)
        case .supersede:
            let older = unfinished.filter { $0.status.stop == nil && $0.entry.isOlder(than: record.entry) }
            if !older.isEmpty, !circumstances.hasSuperseded { actions.append(.supersede(older)) }
        }
        return true
    }

    private mutating func decide(_ build: PlannedBuild, _ finding: Finding?) {
        let noted = status[build]
        switch (finding, noted.start) {
        case (nil, .unconfirmed) where status.stop != nil && mayBeUnderWay:
            actions.append(.prevent(build))
        case (nil, _) where status.stop != nil && circumstances.origin == .justStopped:
            actions.append(.cancel(build))
        case (nil, .unconfirmed) where circumstances.origin == .justRecorded:
            actions.append(.start(build))
        case (nil, _):
            actions.append(.observe(build))
        case (.absent, .unconfirmed) where status.stop != nil:
            actions.append(mayBeUnderWay ? .prevent(build) : .abandon(build))
        case (.absent, .unconfirmed):
            startIfAllowed(build)
        case (.absent, _):
            note(build, status.stop.map(BuildStatus.stopped) ?? .vanished)
        case (.present(let observation), _):
            follow(build, observation)
        case (.explained(let observation), _):
            note(build, noted.following(observation, stop: status.stop))
        case (.start(let start), _):
            note(build, noted.following(start))
        case (.prevented, .created), (.prevented, .refused):
            // Noted by a caller that has seen it meanwhile: its next read finds it cancelled.
            break
        case (.prevented, .unconfirmed):
            note(build, prevented(build))
        }
    }

    private mutating func note(_ build: PlannedBuild, _ note: BuildStatus) {
        var note = note
        if note.phase.isTerminal, note.ended == nil { note.ended = circumstances.now }
        // What was read of the log of a build that was ended stays, whatever else is learned of it.
        if note.logTail == nil, note.phase != .succeeded { note.logTail = status[build].logTail }
        status.builds[build.component] = note
    }

    /// A build that exists: its end is explained; one whose time is over is asked to end, and counts as ended when it has had
    /// the time for it.
    private mutating func follow(_ build: PlannedBuild, _ observation: BuildObservation) {
        let noted = status[build]
        guard !observation.phase.isTerminal else {
            actions.append(.explain(build, observation))
            return
        }
        let limits = circumstances.limits
        let started = observation.startedAt ?? noted.started
        let isOverdue =
            started.map { $0.adding(limits.build + DeploymentLimits.endDelay) < circumstances.now } ?? false
        guard status.stop != nil || isOverdue else {
            let isLate = started.map { $0.adding(DeploymentLimits.begin) <= circumstances.now } ?? false
            if isLate, observation.phase == .running, !noted.hasBegun {
                actions.append(.explain(build, observation))
            } else {
                note(build, noted.following(observation, stop: nil))
            }
            return
        }
        guard observation.isEnding else {
            actions.append(.cancel(build))
            return
        }
        if let stop = status.stop {
            let hasHadTime = stop.at.adding(DeploymentLimits.endDelay) < circumstances.now
            note(build, hasHadTime ? .stopped(by: stop) : noted.following(observation, stop: stop))
        } else {
            note(build, .timedOut(after: limits.build, started: started))
        }
    }

    /// Whether a creation of a build that does not exist may still arrive.
    private var mayBeUnderWay: Bool {
        record.age(at: circumstances.now) <= circumstances.limits.buildStart + DeploymentLimits.creationDelay
    }

    /// Decides about a build that does not exist and is not known to have been created.
    private mutating func startIfAllowed(_ build: PlannedBuild) {
        let limit = circumstances.limits.buildStart
        if !mayBeUnderWay {
            actions.append(.abandon(build))
        } else if record.age(at: circumstances.now) > limit {
            actions.append(.prevent(build))
        } else if circumstances.others == nil {
            if !actions.contains(.listOthers) { actions.append(.listOthers) }
        } else if builder(newerThan: build) != nil {
            actions.append(.prevent(build))
        } else {
            actions.append(.start(build))
        }
    }

    /// The end of a build that never ran.
    private func prevented(_ build: PlannedBuild) -> BuildStatus {
        if let stop = status.stop { return .stopped(by: stop) }
        if let newer = builder(newerThan: build) { return .superseded(by: newer) }
        return .notStarted(within: circumstances.limits.buildStart, noted: status[build])
    }

    /// The id of a newer deployment that has created a build of the same component, or takes an earlier one.
    private func builder(newerThan build: PlannedBuild) -> String? {
        circumstances.others?.first { other in
            record.entry.isOlder(than: other.entry)
                && other.request.builds.contains {
                    $0.component == build.component && (other.status[$0].start == .created || $0.taken != nil)
                }
        }?.request.identity.id
    }
}
