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
    /// Whether every component is to be run anew; it is kept and shown, but nothing is run yet.
    public var forceRun: Bool

    /// The longest description, in characters.
    public static let maximumDescriptionLength = 1_000

    /// Options; the defaults ask for nothing.
    public init(
        overlap: Overlap = .allow, description: String? = nil, forceBuild: Bool = false, forceRun: Bool = false
    ) {
        self.overlap = overlap
        self.description = description
        self.forceBuild = forceBuild
        self.forceRun = forceRun
    }
}
