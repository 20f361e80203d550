/// What a deployment is asked for besides the config.
public struct DeploymentOptions: Sendable, Equatable {
    /// What happens if another deployment of the tool has not ended.
    public enum Overlap: String, Sendable, CaseIterable {
        /// Both go on. They push to the same tags, and the older may end last.
        case allow
        /// The new one is not started.
        case reject
        /// The older ones are ended.
        case supersede
    }

    /// What happens if another deployment of the tool has not ended.
    public var overlap: Overlap
    /// The user's own words about it, at most `maximumDescriptionLength` characters.
    public var description: String?
    /// Whether every component is to be built, also one whose newest build is of the same commit.
    public var forceBuild: Bool
    /// Whether components are not built of which nothing has changed since their newest good build.
    public var skipUnchanged: Bool
    /// Whether every component is to be run anew; it is kept and shown, but nothing is run yet.
    public var forceRun: Bool

    /// What is built.
    public var selection: Selection
    /// The names of the components that are deployed, in their order, each once; `nil`: all.
    ///
    /// Those whose builds they reuse are deployed with them.
    public var components: [String]?

    /// Which refs are built, of which config.
    public enum Selection: Sendable, Equatable {
        /// The refs that the stored config names.
        case config
        /// That ref in place of the config's, for every component that builds: they must have one repository.
        case ref(String)
        /// Those refs in place of the config's, by component.
        case refs([String: String])
        /// The config and the commits of the earlier deployment of that id.
        case deployment(String)
    }

    /// The longest description, in characters.
    public static let maximumDescriptionLength = 1_000

    /// Options; the defaults ask for nothing.
    public init(
        overlap: Overlap = .allow, description: String? = nil, forceBuild: Bool = false, forceRun: Bool = false,
        skipUnchanged: Bool = false, selection: Selection = .config, components: [String]? = nil
    ) {
        self.overlap = overlap
        self.description = description
        self.forceBuild = forceBuild
        self.forceRun = forceRun
        self.skipUnchanged = skipUnchanged
        self.selection = selection
        self.components = components
    }

    /// Whether builds may be left out: that is asked for, and not that all are built.
    var maySkip: Bool { skipUnchanged && !forceBuild }
}
