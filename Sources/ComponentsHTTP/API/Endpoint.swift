import Components
import HTTPTypes
import JSON
import OpenAPI

/// All there is to know of one method of one path: what is served, and what the documents say of it.
///
/// Routing, `Allow`, admission, the choice of a format, the labels of logs and metrics, links, the OpenAPI document and the
/// page made from it follow from these values; nothing else lists endpoints. `HEAD` follows from `GET`, and has no value of
/// its own.
struct Endpoint: Sendable {
    /// The method.
    var method: HTTPRequest.Method
    /// The path.
    var path: PathTemplate
    /// The name of the operation: in the document, and of functions that are generated from it.
    var id: String
    /// The group that it belongs to in the document; one of its family's.
    var tag: String
    /// A few words.
    var summary: String
    /// What else a user should know.
    var description: String?
    /// Everything that varies in a request but the body: each parameter of the path, query parameters and header fields.
    ///
    /// A query parameter that is not declared is refused, and so is a condition (`Endpoint.conditions`).
    var parameters: [OpenAPIParameter] = []
    /// Other spellings of query parameters that are read too, each with the name that is declared.
    ///
    /// They are not documented: to generators of clients both spellings are one name.
    var queryAliases: [String: String] = [:]
    /// Whether a deploy token of the tool is enough, where otherwise its certificate is needed.
    var acceptsDeployToken = false
    /// The body that is read, if any.
    var body: OpenAPIBody?
    /// The formats in which it answers; the first is that of whoever asks for none.
    var formats: [BodyFormat] = [.json]
    /// What it answers if it did what was asked; the first is the usual one.
    var successes: [Success]
    /// The statuses of errors of its own, beside those that any endpoint may answer (`Endpoint.commonErrors`).
    var errors: [Int] = []
    /// Whether its requests may last: until something happens, or as long as a client reads.
    var waits = Waits.never
    /// Whether it is served when the service has too much to do: it asks nobody, and tells what is wrong.
    var isServedUnderOverload = false
    /// Whether the OpenAPI document has it.
    var isDocumented = true
    /// Who may ask, and what answers.
    var handler: Handler

    /// Which requests may last.
    ///
    /// Such a request counts as one that waits (`WaitingPlaces`), no longer as one in flight, and its task is cancelled when
    /// the client is gone and when the service stops; what it answers after a stop is sent. A `HEAD` never waits: its handler
    /// gives the fields at once (`AdmittedRequest.mayWait`).
    enum Waits: Sendable, Equatable {
        /// None: each is answered as soon as the cluster has answered.
        case never
        /// Each: it is answered by a stream.
        case always
        /// Those that have this query parameter.
        case whenAsked(String)
    }

    /// Who may ask, and what answers.
    ///
    /// A handler throws `RequestFault`, `ErrorResponse`, or an error for which its family has words.
    enum Handler: Sendable {
        /// Whoever it is: no identity is asked for.
        case anybody(@Sendable (AdmittedRequest) async throws -> Response)
        /// The tool that the path's parameter `tool` names; it is handed over.
        case tool(@Sendable (AdmittedRequest, ToolName) async throws -> Response)
    }

    /// The name of the path's parameter that names a tool.
    static let toolParameter = "tool"

    /// The names of the parameters in a place.
    func names(in place: OpenAPIParameter.Place) -> [String] {
        parameters.filter { $0.place == place }.map(\.name)
    }

    /// Whether a request of that method, with that query, may last.
    func waits(_ method: HTTPRequest.Method, _ query: Query) -> Bool {
        switch waits {
        case .never: false
        case .always: method != .head
        case .whenAsked(let parameter): method != .head && query[parameter] != nil
        }
    }

    /// Whether what it answers depends on `Accept`.
    var isNegotiated: Bool {
        formats.count > 1 || successes.contains { ($0.mediaTypes ?? []).count > 1 || !$0.textTypes.isEmpty }
    }

    /// Whether the certificate of a tool is needed.
    var needsIdentity: Bool {
        switch handler {
        case .anybody: false
        case .tool: true
        }
    }
}

/// What an endpoint answers if it did what was asked.
struct Success: Sendable {
    /// The status.
    var status: HTTPResponse.Status
    /// What it means.
    var description: String
    /// The name of the body's schema; `nil` for a body that is any object, or is none.
    var schema: String?
    /// An example of the `data` in the body's envelope.
    var example: JSONValue?
    /// Fields that a response of this status has, beside those of every response.
    var fields: [OpenAPIHeader] = []
    /// Whether there is a body.
    var hasBody = true
    /// The types of its body, where those are not the endpoint's formats.
    var mediaTypes: [String]?
    /// The types, beside those, of a body that is text for people.
    var textTypes: [String] = []
}

/// A request that was let in, as a handler sees it.
struct AdmittedRequest: Sendable {
    /// Method, target and header fields, as they were sent.
    let head: HTTPRequest
    /// The whole body, or why there is none to be had.
    let body: Result<[UInt8], RequestBodyFault>
    /// The values of the path's parameters.
    let path: PathValues
    /// The values of the query parameters; only those that the endpoint declares.
    let query: Query
    /// The format in which the response will be written.
    let format: BodyFormat
    /// What stands before this service's paths in the URLs that the client uses.
    let prefix: URLPrefix
    /// Whether the response may wait: its endpoint does (`Endpoint.waits`), and this is no `HEAD`.
    let mayWait: Bool
    /// The person who acts for the tool, as far as the gateway says.
    let person: String?
}
