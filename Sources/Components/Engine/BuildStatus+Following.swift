import struct Foundation.Date

/// The notes that follow from what was seen, done or decided.
extension BuildStatus {
    /// The build was created, and is gone.
    static let vanished = BuildStatus(
        start: .created, phase: .failed, reason: .vanished,
        message: "the build has vanished from the cluster before its end was seen, so its outcome is not known; "
            + "deploy again to be sure")

    /// The build was not created in time.
    ///
    /// - Parameter noted: why it could not be created, if the cluster said so.
    static func notStarted(within limit: Duration, noted: BuildStatus) -> BuildStatus {
        let cause = noted.reason == nil ? "" : " (\(noted.message))"
        return BuildStatus(
            start: .unconfirmed, phase: .failed, reason: .notStarted,
            message:
                "the build was not started within \(limit.components.seconds) s of the request\(cause), and is not started "
                + "any more; deploy again")
    }

    /// A newer deployment has built the component.
    static func superseded(by id: String) -> BuildStatus {
        BuildStatus(
            start: .unconfirmed, phase: .cancelled, reason: .superseded,
            message: "the build was not started, because the newer deployment \(id) has built this component")
    }

    /// The build ran longer than it may, and the cluster did not end it.
    static func timedOut(after limit: Duration, started: Date?) -> BuildStatus {
        BuildStatus(
            start: .created, phase: .timedOut, reason: .buildTimedOut,
            message:
                "the build did not end within \(limit.components.seconds) s, and was told to; make it shorter, or ask "
                + "Toolforge's admins if it usually is",
            started: started)
    }

    /// The build was ended, or never started, because its deployment stops.
    static func stopped(by stop: DeploymentStop) -> BuildStatus {
        BuildStatus(
            start: .unconfirmed, phase: stop.reason == .deploymentTimedOut ? .timedOut : .cancelled,
            reason: stop.reason, message: stop.sentence)
    }

    /// The note after the build was read.
    ///
    /// - Parameter stop: why its deployment stops, if it does.
    func following(_ observation: BuildObservation, stop: DeploymentStop?) -> BuildStatus {
        // A read that began earlier may be stored later: a running build does not become pending again.
        let isOlder = phase == .running && observation.phase == .pending
        var next = BuildStatus(
            start: .created, phase: isOlder ? phase : observation.phase,
            reason: observation.reason ?? Reason(of: observation.phase),
            message: isOlder ? message : observation.message, commit: observation.commit ?? commit,
            image: observation.image ?? image, builder: observation.builder ?? builder,
            started: observation.startedAt ?? started, ended: observation.endedAt,
            hasBegun: observation.hasBegun || hasBegun)
        next.logTail = next.phase == .succeeded ? nil : observation.logTail ?? logTail
        guard let stop else { return next }
        if !next.phase.isTerminal {
            next.reason = .cancelling
        } else if next.phase == .cancelled {
            next.reason = stop.reason
            next.message = stop.sentence
            if stop.reason == .deploymentTimedOut { next.phase = .timedOut }
        }
        return next
    }

    /// The note after the build was asked to start.
    func following(_ start: BuildStart) -> BuildStatus {
        // It was noted as created by a caller that has seen it.
        guard self.start == .unconfirmed else { return self }
        return switch start {
        case .started:
            BuildStatus(start: .created, phase: .pending, message: "waiting for the cluster to start it")
        case .refused(let reason):
            BuildStatus(start: .refused, phase: .failed, reason: .clusterRefused, message: reason)
        case .deferred(let reason, let message):
            BuildStatus(
                start: .unconfirmed, phase: .pending, reason: reason,
                message: "not started yet: \(message); it is tried again")
        case .unconfirmed(let reason):
            BuildStatus(
                start: .unconfirmed, phase: .pending,
                message: "its start is not confirmed: \(reason); it is tried again")
        }
    }
}

extension DeploymentStop {
    /// Why a build of the deployment ends.
    fileprivate var sentence: String {
        switch reason {
        case .superseded: "the deployment \(by ?? "that is newer") took its place"
        case .deploymentTimedOut: "the deployment took longer than it may, so the build was ended; deploy again"
        default: "cancelled\(by.map { " by \($0)" } ?? "")"
        }
    }
}
