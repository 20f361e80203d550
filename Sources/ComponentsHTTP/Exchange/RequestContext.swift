public import Logging

/// What everything that is done for one request may know of it.
public enum RequestContext {
    /// The id of the request at hand; `nil` outside of one.
    @TaskLocal public static var requestID: String?

    /// Gives every line that is logged for a request its id, as `request-id`, whoever writes it.
    public static let metadataProvider = Logger.MetadataProvider {
        guard let requestID else { return [:] }
        return ["request-id": .string(requestID)]
    }
}
