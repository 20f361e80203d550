public import struct Foundation.Date

/// The newest good build of each component of a tool: what its image was made from, and with.
///
/// It outlives the deployments: these make room for newer ones.
public struct ToolBuilds: Sendable, Equatable {
    /// The most components that are kept; those whose builds are the oldest go.
    public static let maximumCount = 200

    /// The builds by component.
    public private(set) var components: [String: GoodBuild]

    /// These builds.
    public init(_ components: [String: GoodBuild] = [:]) {
        self.components = components
    }

    /// Takes good builds, each in place of an older one.
    ///
    /// A build of a deployment that was asked for earlier never takes the place of one that was asked for later, whichever ended
    /// first.
    /// - Returns: whether that changed anything.
    public mutating func note(_ builds: [String: GoodBuild]) -> Bool {
        let before = components
        // Of the same deployment asked for again at the same moment, the build that ends now counts.
        components.merge(builds) { kept, new in new.isOlder(than: kept) ? kept : new }
        let surplus = components.sorted { $0.value.isOlder(than: $1.value) }.prefix(
            max(0, components.count - Self.maximumCount))
        for (component, _) in surplus { components[component] = nil }
        return components != before
    }
}

/// A build that succeeded.
public struct GoodBuild: Sendable, Hashable {
    /// The build's name.
    public var build: String
    /// The id of its deployment.
    public var deployment: String
    /// When that deployment was asked for: age and order follow from it.
    public var requestedAt: Date
    /// What was built.
    public var source: BuildSource
    /// The commit that was built, if it is known.
    public var commit: String?
    /// What tells whether another build has the same variables: see `BuildOptions.fingerprint`.
    public var environment: String
    /// The image of the buildpacks that built it, if it is known.
    public var builder: String?
    /// The image that was built, with its digest, if it is known.
    public var image: String?
    /// When it ended.
    public var ended: Date?

    /// A good build.
    public init(
        build: String, deployment: String, requestedAt: Date, source: BuildSource, commit: String? = nil,
        environment: String = "", builder: String? = nil, image: String? = nil, ended: Date? = nil
    ) {
        self.build = build
        self.deployment = deployment
        self.requestedAt = requestedAt
        self.source = source
        self.commit = commit
        self.environment = environment
        self.builder = builder
        self.image = image
        self.ended = ended
    }

    /// The digest of the image, as `sha256:…`, if it is known.
    public var digest: String? {
        guard let image, let at = image.lastIndex(of: "@") else { return nil }
        return String(image[image.index(after: at)...])
    }

    /// Whether its deployment was asked for before that of the other.
    public func isOlder(than other: GoodBuild) -> Bool {
        let entries = [self, other].map {
            DeploymentEntry(id: $0.deployment, requestedAt: $0.requestedAt, identity: "")
        }
        return entries[0].isOlder(than: entries[1])
    }
}

extension GoodBuild {
    /// A build as the record of its deployment has it.
    init(_ build: PlannedBuild, _ status: BuildStatus, of request: DeploymentRequest) {
        self.init(
            build: build.id, deployment: request.identity.id, requestedAt: request.requestedAt,
            source: BuildSource(repository: build.repository, ref: build.ref), commit: status.commit ?? build.commit,
            environment: build.options.fingerprint, builder: status.builder, image: status.image, ended: status.ended)
    }
}

/// Where the newest good builds of each tool are kept.
public protocol ToolBuildsStore: Sendable {
    /// What is kept of a tool; `nil` if there is nothing, or no such tool. A build that cannot be read is left out.
    func readBuilds(of tool: ToolName) async throws(ClusterFailure) -> StoredToolBuilds?

    /// Puts builds in place of those that were read; `nil`: where there was nothing.
    ///
    /// - Throws: `ClusterFailure.conflict`, `.exists` or `.absent` if what is stored is not what was read any more.
    func writeBuilds(
        _ builds: ToolBuilds, over stored: StoredToolBuilds?, of tool: ToolName
    ) async throws(ClusterFailure)
}

/// The newest good builds of a tool as they are stored.
public struct StoredToolBuilds: Sendable, Equatable {
    /// The builds.
    public var builds: ToolBuilds
    /// Which state of the object this is.
    public var version: String

    /// Builds in that version.
    public init(builds: ToolBuilds, version: String) {
        self.builds = builds
        self.version = version
    }
}
