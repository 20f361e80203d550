import HTTPTypes

/// The response to a request that failed.
struct ErrorResponse: Error {
    /// The status.
    var status: HTTPResponse.Status
    /// What is wrong and what to do: at least one sentence, each with its place.
    var details: [ErrorDetail]
    /// Warnings that are shown beside the errors.
    var warnings: [String]
    /// The fields of this response, such as `Allow` and `Retry-After`.
    var fields: HTTPFields = [:]

    /// An error of one sentence.
    init(_ status: HTTPResponse.Status, _ message: String, fields: HTTPFields = [:]) {
        self.init(status, [message], fields: fields)
    }

    /// An error of several sentences.
    init(_ status: HTTPResponse.Status, _ messages: [String], warnings: [String] = [], fields: HTTPFields = [:]) {
        self.init(status, messages.map { ErrorDetail($0) }, warnings: warnings, fields: fields)
    }

    /// An error of several sentences, each with its place.
    init(
        _ status: HTTPResponse.Status, _ details: [ErrorDetail], warnings: [String] = [], fields: HTTPFields = [:]
    ) {
        self.status = status
        self.details = details
        self.warnings = warnings
        self.fields = fields
    }

    /// The sentences alone.
    var messages: [String] { details.map(\.message) }

    /// The response to an error that no table knows, which is a mistake in the sources.
    ///
    /// The text of such an error may not be meant for users, so only its type is named.
    init(unexpected error: any Error) {
        self.init(
            .internalServerError,
            "The service failed in a way that it does not know (\(type(of: error))): report this to its administrators."
        )
    }
}
