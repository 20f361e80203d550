import HTTPTypes

/// What is answered instead of data.
struct ErrorResponse: Error {
    /// The status.
    var status: HTTPResponse.Status
    /// What was wrong and what to do: at least one sentence.
    var messages: [String]
    /// What the client should know besides: shown beside the errors.
    var warnings: [String]
    /// Fields of this error alone: `Allow`, `Retry-After`.
    var fields: HTTPFields = [:]

    /// An error of one sentence.
    init(_ status: HTTPResponse.Status, _ message: String, fields: HTTPFields = [:]) {
        self.init(status, [message], fields: fields)
    }

    /// An error of several sentences.
    init(_ status: HTTPResponse.Status, _ messages: [String], warnings: [String] = [], fields: HTTPFields = [:]) {
        self.status = status
        self.messages = messages
        self.warnings = warnings
        self.fields = fields
    }

    /// An error for which nobody has words: a mistake in the sources.
    ///
    /// Its text may hold what is not for users, so only its type is named.
    init(unexpected error: any Error) {
        self.init(
            .internalServerError,
            "The service failed in a way that it does not know (\(type(of: error))): report this to its administrators."
        )
    }
}
