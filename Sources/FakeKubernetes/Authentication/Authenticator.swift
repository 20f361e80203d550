import Synchronization

/// The tokens that are valid, and whose they are.
final class Authenticator: Sendable {
    private let identities: Mutex<[String: Identity]>

    /// - Parameter token: The token that has all rights.
    init(token: String) { identities = Mutex([token: .administrator]) }

    /// Makes a token valid for a user with the rights of the rules; `nil`: all rights.
    func register(token: String, user: String, rules: [AccessRule]?) {
        identities.withLock { $0[token] = Identity(user: user, rules: rules) }
    }

    /// Makes a token invalid.
    func revoke(token: String) { identities.withLock { $0[token] = nil } }

    /// The client of a request.
    ///
    /// - Parameters:
    ///   - authorization: The header field's value.
    ///   - certificateUser: The common name of the verified client certificate.
    /// - Throws: `Unauthorized` for an invalid token, also beside a valid certificate.
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

/// A client: its name and its rights.
struct Identity: Sendable, Equatable {
    var user: String
    /// `nil`: all rights.
    var rules: [AccessRule]?

    /// Unauthenticated clients: they may read the paths that are public.
    static let anonymous = Identity(user: "system:anonymous", rules: [])
    static let administrator = Identity(user: "kubernetes-admin", rules: nil)

    func may(_ access: Access) -> Bool { rules?.contains { $0.allows(access) } != false }

    /// Whether a path that names no objects may be read.
    func mayRead(path: String) -> Bool {
        guard self == .anonymous else { return true }
        return ["/healthz", "/readyz", "/livez", "/version"].contains(path)
    }
}
