/// Why a token is not accepted.
public enum DeployTokenRefusal: Sendable, Hashable, CaseIterable {
    /// The service has no keys, so there are no tokens.
    case unavailable
    /// The tool has no token.
    case noToken
    /// It is not the tool's token.
    case other
    /// It was the tool's token until it expired.
    case expired
    /// The key of the tool's token is gone.
    case keyGone
}
