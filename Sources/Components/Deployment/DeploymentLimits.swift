import struct Foundation.Date

/// The deadlines of deployments.
public struct DeploymentLimits: Sendable, Equatable {
    /// How long after the request a build may start.
    public var buildStart: Duration
    /// How long a build may run; the cluster ends it then.
    public var build: Duration
    /// How long after the request a deployment may last.
    public var deployment: Duration

    /// Limits.
    public init(
        buildStart: Duration = .seconds(600), build: Duration = .seconds(1_800), deployment: Duration = .seconds(3_600)
    ) {
        self.buildStart = buildStart
        self.build = build
        self.deployment = deployment
    }

    /// How long after the start deadline a creation that was decided before it may still arrive: longer than any call to the
    /// cluster takes.
    static let creationDelay = Duration.seconds(60)
    /// How long the cluster may take to end what it has to: a build that is over its time, or was asked to end.
    ///
    /// After that the build counts as ended, whatever the cluster says.
    static let endDelay = Duration.seconds(60)
    /// How long after its start it is asked whether the steps of a build have begun; and how often again as long as they have
    /// not.
    static let begin = Duration.seconds(60)
    /// How long a record without a status is left to the request that has made it.
    static let firstStatus = Duration.seconds(15)

    /// When a record needs attention although nothing changes: the earliest of its deadlines.
    func nextDeadline(of record: DeploymentRecord) -> Date {
        let requestedAt = min(record.request.requestedAt, record.createdAt)
        guard let stop = record.status.stop else {
            let builds = record.request.builds.compactMap { build -> Date? in
                let status = record.status[build]
                guard !status.phase.isTerminal else { return nil }
                return status.started?.adding(self.build + Self.endDelay)
            }
            return ([requestedAt.adding(deployment)] + builds).min() ?? requestedAt
        }
        return stop.at.adding(Self.endDelay)
    }
}

extension Date {
    /// This moment and a duration later.
    func adding(_ duration: Duration) -> Date {
        addingTimeInterval(Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18)
    }
}
