public import JSON

public import struct Foundation.Date

/// What was asked: fixed when the record is made, before the first build exists.
public struct DeploymentRequest: Sendable, Equatable {
    /// Which deployment of which tool.
    public var identity: DeploymentIdentity
    /// When it was asked for, by the cluster's clock, in whole microseconds.
    ///
    /// Age and order follow from it: a restore from a backup makes the store's own date anew.
    public var requestedAt: Date
    /// The config as it was when the deployment was asked for.
    public var config: JSONValue
    /// Where that config was fetched, if it was.
    public var configFetch: ConfigFetch?
    /// Every build it starts, in the order of the components' names.
    public var builds: [PlannedBuild]
    /// Distinguishes it from other requests for a deployment of the same id; `nil` where no two requests get the same id.
    ///
    /// Requests with the same key, at the same moment or after the record was removed, ask for the same id: but only one of
    /// them stored the record, and no build of an earlier record is taken for one of this.
    public var nonce: String?
    /// What else was asked for.
    public var options: DeploymentOptions
    /// Who asked for it, as far as is known besides the tool: the name of a person.
    public var requestedBy: String?

    /// A request for these builds.
    public init(
        identity: DeploymentIdentity, requestedAt: Date, config: JSONValue, configFetch: ConfigFetch? = nil,
        builds: [PlannedBuild],
        nonce: String? = nil, options: DeploymentOptions = DeploymentOptions(), requestedBy: String? = nil
    ) {
        self.identity = identity
        self.requestedAt = requestedAt
        self.config = config
        self.configFetch = configFetch
        self.builds = builds
        self.nonce = nonce
        self.options = options
        self.requestedBy = requestedBy
    }
}

/// A deployment as it is stored.
public struct DeploymentRecord: Sendable, Equatable {
    /// What was asked.
    public var request: DeploymentRequest
    /// How far it has come.
    public var status: DeploymentStatus
    /// When the store recorded it, to the second, by the store's clock.
    public var createdAt: Date
    /// Which object this is.
    public var identity: String
    /// Which state of the object this is: every change makes another.
    ///
    /// The versions of one kind are numbers that count up over all its objects (Kubernetes, KEP-5504).
    public var version: String

    /// A record as the store holds it.
    public init(
        request: DeploymentRequest, status: DeploymentStatus, createdAt: Date, identity: String, version: String
    ) {
        self.request = request
        self.status = status
        self.createdAt = createdAt
        self.identity = identity
        self.version = version
    }

    /// The record as a list names it.
    public var entry: DeploymentEntry {
        DeploymentEntry(id: request.identity.id, requestedAt: request.requestedAt, identity: identity)
    }

    /// How long ago it was asked for, by the cluster's clock: the store's date counts if it is the earlier one.
    func age(at now: Date) -> Duration {
        .seconds(now.timeIntervalSince(min(request.requestedAt, createdAt)))
    }

    /// Whether this is a later state of the same object.
    ///
    /// A version that is no number counts as later.
    public func isNewer(than other: DeploymentRecord) -> Bool { isLater(than: other) ?? (version != other.version) }

    /// Whether this state of an object was stored after that state of the same or of another one; `nil` if a version is no
    /// number.
    private func isLater(than other: DeploymentRecord) -> Bool? {
        guard let own = UInt64(version), let earlier = UInt64(other.version) else { return nil }
        return own > earlier
    }

    /// Whether nothing was noted of it since it was recorded.
    fileprivate var isUntouched: Bool { status.builds.isEmpty && status.stop == nil }

    /// Whether this rejects overlaps, was recorded after the other one, and nothing was noted of it since.
    ///
    /// Then its request finds the other one, if that is still there, and takes this back. `false` if a version is no number.
    func yields(to other: DeploymentRecord) -> Bool {
        request.options.overlap == .reject && isUntouched && isLater(than: other) == true
    }

    /// Whether the request that made it may still take it back, because it rejects overlaps.
    ///
    /// For `DeploymentLimits.firstStatus` that is left to its request; then whoever looks at it decides.
    func mayBeTakenBack(at now: Date) -> Bool {
        request.options.overlap == .reject && isUntouched && age(at: now) < DeploymentLimits.firstStatus
    }

    /// How far it has come.
    var phase: DeploymentPhase { status.phase(of: request) }

    /// What users see of it.
    var deployment: Deployment {
        var deployment = Deployment(
            id: request.identity.id, createdAt: request.requestedAt,
            builds: request.builds.map { build in
                // One that is never created has ended from the start, noted or not.
                let isNoted = status.builds[build.component] != nil
                return Build(build, (isNoted ? nil : BuildStatus.neverCreated(build)) ?? status[build])
            }, phase: phase, reason: status.reason(of: request),
            stop: status.stop, options: request.options, config: request.config,
            configFetch: request.configFetch,
            requestedBy: request.requestedBy ?? request.identity.tool.value)
        if deployment.builds.contains(where: { $0.logTail != nil }) {
            // Who kept it may not have had the config.
            let secrets = SecretValues(ofConfig: request.config)
            for index in deployment.builds.indices { deployment.builds[index].logTail?.hide(secrets) }
        }
        return deployment
    }
}

extension Build {
    /// A planned build as it is noted.
    fileprivate init(_ build: PlannedBuild, _ status: BuildStatus) {
        self.init(
            component: build.component, id: build.id, phase: status.phase, reason: status.reason,
            message: status.message, ref: build.ref, commit: status.commit ?? build.commit, image: status.image,
            builder: status.builder, isCreated: status.start == .created, started: status.started, ended: status.ended)
        taken = build.taken
        logTail = status.phase.isTerminal ? status.logTail : nil
    }
}

extension [DeploymentRecord] {
    /// Of deployments that have not ended, the one that goes on when those that reject overlaps have been taken back.
    var foremost: DeploymentRecord? {
        first { !$0.isUntouched } ?? first { one in !contains { one.yields(to: $0) } }
    }
}
