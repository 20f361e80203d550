import Components
import HTTPTypes
import JSON

/// Why a request was refused before any operation was called.
enum RequestFault: Error, Equatable {
    /// The path breaks the rules of `RequestPath`; the sentence says which.
    case invalidPath(String)
    /// The path is unknown.
    case unknownPath
    /// The name of the tool in the path is not valid.
    case invalidToolName(String)
    /// The path does not have the method; the methods that it has.
    case methodNotAllowed([HTTPRequest.Method])
    /// The query cannot be decoded; the sentence says why.
    case invalidQuery(String)
    /// A query parameter that the endpoint does not have; those that it has.
    case unknownQueryParameter(String, known: [String])
    /// A condition that the endpoint does not evaluate, in that field; the conditions that it evaluates.
    case unknownCondition(HTTPField.Name, known: [String])
    /// The client is not authenticated.
    case unidentified(IdentityFault)
    /// The certificate belongs to another tool.
    case otherTool(certificate: ToolName, path: ToolName)
    /// A deploy token was sent to an endpoint for which none is enough.
    case tokenNotEnough
    /// The deploy token is not accepted.
    case tokenRefused(DeployTokenRefusal, of: ToolName)
    /// The certificate is the tool's, and the deploy token beside it is not.
    case tokenBesideCertificate(of: ToolName)
    /// There are several deploy tokens.
    case severalTokens
    /// A page of another site made a browser send it.
    case otherSite
    /// The body did not arrive completely.
    case body(RequestBodyFault)
    /// The media type of the body is not supported; the `Content-Type` as it was sent.
    case unsupportedMediaType(String)
    /// The body has a `Content-Encoding`, which is not read; its value.
    case contentEncoding(String)
    /// The body is not well-formed at that place; the message says where and why.
    case malformedBody(String, at: JSONPlaces.Place)
    /// The precondition in that field is not valid; its value.
    case invalidCondition(HTTPField.Name, String)
    /// A tag in `If-Match` was altered on the way, so it matches nothing; the tag as this service sent it.
    case alteredTag(String, isWeak: Bool, unaltered: String)
    /// The `Idempotency-Key` is not valid, or there are several; the value.
    case invalidKey(String)
    /// The body's options are not valid: every mistake.
    case invalidOptions([OptionProblem])
    /// Too many requests are in flight.
    case overloaded
    /// As many requests wait as may: of that tool, or of all.
    case tooManyWaiting(limit: Int, of: ToolName?)
}
