public import Logging

/// The context of the request that the current task serves.
public enum RequestContext {
    /// The id of the request; `nil` outside of one.
    @TaskLocal public static var requestID: String?

    /// Adds the request's id, as `request-id`, to every line that is logged while it is served.
    public static let metadataProvider = Logger.MetadataProvider {
        guard let requestID else { return [:] }
        return ["request-id": .string(requestID)]
    }
}
