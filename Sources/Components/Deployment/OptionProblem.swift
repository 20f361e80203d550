/// One mistake in what a deployment is asked for.
public struct OptionProblem: Sendable, Hashable {
    /// Where: the keys and indices that lead to it in the options; empty for the options as a whole.
    public var path: [String]
    /// What is wrong and what to do: whole sentences, which name the place too.
    public var message: String

    /// A mistake at a path.
    public init(_ message: String, at path: [String] = []) {
        self.path = path
        self.message = message
    }
}
