/// Where the images of builds go, as far as deployments ask it.
public protocol ImageRegistry: Sendable {
    /// The digest of the image that a component's tag names now.
    ///
    /// It takes a few seconds at most, whatever the registry does.
    func digest(of component: String, of tool: ToolName) async -> ImageDigest

    /// Ensures that there is a place for the images of a tool; it takes a few seconds at most.
    ///
    /// - Returns: why that is not sure, if it is not: a sentence without its full stop.
    func prepare(for tool: ToolName) async -> String?
}

/// What came of asking which image a tag names.
public enum ImageDigest: Sendable, Equatable {
    /// The image's digest, as `sha256:…`.
    case digest(String)
    /// There is no such tag.
    case missing
    /// It could not be found out, for that reason: a sentence without its full stop.
    case unknown(String)
}
