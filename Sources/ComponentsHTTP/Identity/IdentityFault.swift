/// Why nobody is known to be asking.
enum IdentityFault: Error, Equatable {
    /// The gateway sent no `SSL_CLIENT_VERIFY`: it is not set up as it must be.
    case gatewaySilent
    /// There is no certificate, or it was not verified.
    case notVerified
    /// The subject cannot be read, or is not that of a tool; the sentence says why, without repeating it.
    case subject(String)
}
