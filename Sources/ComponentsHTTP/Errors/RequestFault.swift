import Components
import HTTPTypes

/// Why a request was refused before any rule of the domain was asked.
enum RequestFault: Error, Equatable {
    /// The path breaks the rules of `RequestPath`; the sentence says which.
    case invalidPath(String)
    /// There is no such path.
    case unknownPath
    /// The path names a tool that cannot exist.
    case invalidToolName(String)
    /// The path is there, the method is not: these are.
    case methodNotAllowed([HTTPRequest.Method])
    /// The query cannot be decoded; the sentence says why.
    case invalidQuery(String)
    /// A query parameter that the endpoint does not have; those that it has.
    case unknownQueryParameter(String, known: [String])
    /// A condition that the endpoint does not evaluate, in that field; the conditions that it evaluates.
    case unknownCondition(HTTPField.Name, known: [String])
    /// Nobody is known to be asking.
    case unidentified(IdentityFault)
    /// The certificate is another tool's.
    case otherTool(certificate: ToolName, path: ToolName)
    /// A browser sends it for a page of another site.
    case otherSite
    /// The body did not arrive.
    case body(RequestBodyFault)
    /// The body is of a type that is not read here; what was said of it.
    case unsupportedMediaType(String)
    /// The body is not what its type says; the sentence says where and why.
    case malformedBody(String)
    /// A precondition in that field is none; what stands there.
    case invalidCondition(HTTPField.Name, String)
    /// A tag of `If-Match` is not as this service gave it, so it matches nothing; and the tag as it was given.
    case alteredTag(String, isWeak: Bool, unaltered: String)
    /// A key is none, or there are several; what stands there.
    case invalidKey(String)
    /// Something was sent to an operation that takes nothing.
    case bodyNotAllowed
    /// Too many exchanges are in flight.
    case overloaded
}
