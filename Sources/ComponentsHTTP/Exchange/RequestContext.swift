/// What everything that is done for one request may know of it.
public enum RequestContext {
    /// The id of the request at hand; `nil` outside of one.
    @TaskLocal public static var requestID: String?
}
