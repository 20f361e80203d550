/// One mistake in a config.
public struct ConfigProblem: Sendable, Hashable {
    /// Where, as `components.web.build.repository`; empty for the config as a whole.
    public var path: String
    /// What is wrong and what to do, in a sentence.
    public var message: String

    /// A mistake at a path.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}
