/// A JSON value as the API server's store keeps it: no key order, integers of 64 bits, everything else binary64.
///
/// The fake has its own, apart from the module `JSON` of the service, so that one mistake in reading or writing cannot
/// cancel itself on both sides.
public enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([Value])
    case object([String: Value])
}
