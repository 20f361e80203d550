import Components
import HTTPTypes

extension IdempotencyKey {
    /// The key that a request bears, or `nil` if it bears none.
    ///
    /// - Throws: `RequestFault.invalidKey` for what is no key, and for more than one field: neither is ignored, for who
    ///   sends a key relies on it.
    static func key(of head: HTTPRequest) throws(RequestFault) -> IdempotencyKey? {
        let values = head.headerFields[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        guard values.count == 1, let key = IdempotencyKey(value) else {
            throw .invalidKey(values.joined(separator: ", "))
        }
        return key
    }
}
