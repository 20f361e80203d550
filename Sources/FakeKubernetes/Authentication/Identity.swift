/// Who asks, and what they may do.
struct Identity: Sendable, Equatable {
    var user: String
    /// `nil`: everything.
    var rules: [AccessRule]?

    /// Nobody: the paths that everyone may read, and nothing else.
    static let anonymous = Identity(user: "system:anonymous", rules: [])
    static let administrator = Identity(user: "kubernetes-admin", rules: nil)

    func may(_ access: Access) -> Bool { rules?.contains { $0.allows(access) } != false }

    /// Whether a path that names no objects may be read.
    func mayRead(path: String) -> Bool {
        guard self == .anonymous else { return true }
        return ["/healthz", "/readyz", "/livez", "/version"].contains(path)
    }
}
