public import JSON

/// What a deployment would do if it were started now.
public struct DeploymentPlan: Sendable, Equatable {
    /// What becomes of each component, in the order of the names.
    public var components: [PlannedComponent]
    /// What happens to deployments that overlap.
    public var overlap: DeploymentOptions.Overlap
    /// The ids of the tool's deployments that have not ended, the newest first.
    public var overlapping: [String]
    /// The ids of the deployments that make room, the oldest first.
    public var removed: [String]
    /// The id of the deployment that an earlier request with the same key has started, if so: nothing else would start.
    public var replayed: String?
    /// What the user should know: sentences.
    public var warnings: [String]
    /// The config, if it was fetched from the URL that the stored one names.
    public var fetched: FetchedPlanConfig?

    /// A plan.
    public init(
        components: [PlannedComponent], overlap: DeploymentOptions.Overlap = .allow, overlapping: [String] = [],
        removed: [String] = [], replayed: String? = nil, warnings: [String] = [], fetched: FetchedPlanConfig? = nil
    ) {
        self.components = components
        self.overlap = overlap
        self.overlapping = overlapping
        self.removed = removed
        self.replayed = replayed
        self.warnings = warnings
        self.fetched = fetched
    }
}

/// The config of a plan that was fetched.
public struct FetchedPlanConfig: Sendable, Equatable {
    /// The config.
    public var document: JSONValue
    /// The fetch.
    public var fetch: ConfigFetch

    /// A config and its fetch.
    public init(document: JSONValue, fetch: ConfigFetch) {
        self.document = document
        self.fetch = fetch
    }
}

/// What would become of one component.
public struct PlannedComponent: Sendable, Equatable {
    /// What is done for it.
    public enum Action: Sendable, Equatable {
        /// It is built.
        case build
        /// Nothing has changed since its newest good build, which is taken.
        case skip
        /// It takes what is built for that other component.
        case reuse(of: String)
        /// There is nothing to build.
        case fail(Reason)
    }

    /// The newest good build of a component.
    public struct Earlier: Sendable, Equatable {
        /// The commit that was built, if it is known.
        public var commit: String?
        /// The build's name.
        public var build: String

        /// A build.
        public init(commit: String?, build: String) {
            self.commit = commit
            self.build = build
        }
    }

    /// Its name.
    public var name: String
    /// What is done for it.
    public var action: Action
    /// Why, in a sentence without its full stop.
    public var why: String
    /// What is built; `nil` is the repository's `HEAD`.
    public var ref: String?
    /// The commit that the ref names, if it is known.
    public var commit: String?
    /// The newest good build before, if there is one.
    public var was: Earlier?

    /// A component of a plan.
    public init(
        name: String, action: Action, why: String, ref: String? = nil, commit: String? = nil, was: Earlier? = nil
    ) {
        self.name = name
        self.action = action
        self.why = why
        self.ref = ref
        self.commit = commit
        self.was = was
    }
}

extension PlannedComponent {
    /// What becomes of a component of a draft.
    ///
    /// - Parameters:
    ///   - goodBuilds: the newest good builds.
    ///   - records: the tool's deployments, the newest first.
    init(
        _ component: Component, of draft: DeploymentDraft, goodBuilds: ToolBuilds, after records: [DeploymentRecord]
    ) {
        let (name, builder) = (component.name, component.builder)
        let ref = draft.sources[builder]?.ref
        let commit = draft.commits[builder]
        let was =
            goodBuilds.components[builder].map { Earlier(commit: $0.commit, build: $0.build) }
            ?? Earlier(of: builder, in: records)
        let (action, why): (Action, String) =
            if let failure = draft.failures[builder] {
                (.fail(failure.reason), failure.message)
            } else if builder != name {
                (.reuse(of: builder), "it takes the image of \(builder)")
            } else if draft.taken[builder] != nil {
                (.skip, "nothing has changed since its newest good build, and its image is still there")
            } else {
                (.build, draft.changes[builder] ?? Self.why(ref: ref ?? "HEAD", commit: commit, was: was))
            }
        self.init(name: name, action: action, why: why, ref: ref, commit: commit, was: was)
    }

    private static func why(ref: String, commit: String?, was: Earlier?) -> String {
        guard let was else { return "no good build of it is recorded" }
        guard let commit else { return "which commit \(ref) names is seen when the build starts" }
        guard let built = was.commit else { return "which commit its newest good build was made from is not known" }
        return commit == built
            ? "a deployment builds each of its components, though \(ref) is the commit of the newest good build"
            : "\(ref) is another commit than that of the newest good build"
    }
}

extension PlannedComponent.Earlier {
    /// The newest good build of a component in the records of deployments, for what was built before good builds were noted.
    fileprivate init?(of component: String, in records: [DeploymentRecord]) {
        for record in records {
            for build in record.request.builds where build.component == component {
                let status = record.status[build]
                guard status.phase == .succeeded else { continue }
                self.init(commit: status.commit ?? build.commit, build: build.id)
                return
            }
        }
        return nil
    }
}
