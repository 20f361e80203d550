import Synchronization

/// Knows the tokens that are good.
final class Authenticator: Sendable {
    private let identities: Mutex<[String: Identity]>

    /// - Parameter token: The one that may do everything.
    init(token: String) { identities = Mutex([token: .administrator]) }

    /// Makes a token good for a user who may do what the rules say; `nil` for everything.
    func register(token: String, user: String, rules: [AccessRule]?) {
        identities.withLock { $0[token] = Identity(user: user, rules: rules) }
    }

    /// Makes a token good for nobody.
    func revoke(token: String) { identities.withLock { $0[token] = nil } }

    /// Who asks.
    ///
    /// - Parameters:
    ///   - authorization: The header field's value.
    ///   - certificateUser: The common name of the verified client certificate.
    /// - Throws: `Unauthorized` for a token that is none, also beside a good certificate.
    func identity(authorization: String?, certificateUser: String?) throws(StatusError) -> Identity {
        if let authorization, let space = authorization.firstIndex(of: " "),
            authorization[..<space].lowercased() == "bearer"
        {
            let token = String(authorization[space...].trimmingPrefix { $0 == " " })
            guard let identity = identities.withLock({ $0[token] }) else { throw .unauthorized }
            return identity
        }
        if let certificateUser { return Identity(user: certificateUser, rules: nil) }
        return .anonymous
    }
}
