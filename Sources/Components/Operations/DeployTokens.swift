public import Foundation

/// The deploy tokens of tools: with a token, a CI job without a certificate starts and follows a tool's deployments.
///
/// The caller of all but `check` has been identified and authorised before.
public protocol DeployTokenOperations: Sendable {
    /// The tool's token.
    /// - Throws: `DeployTokenError.missing` if there is none, `.keyGone` if it can no longer be derived.
    func token(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken

    /// Makes a token for a tool that has none, or whose token has expired.
    /// - Throws: `DeployTokenError.exists` if there is one.
    func createToken(for tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken

    /// Makes a new token in place of the one before, which is refused from then on by every replica.
    /// - Throws: `DeployTokenError.missing` if there is none.
    func refreshToken(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken

    /// Removes the token, which is refused from then on.
    /// - Returns: the token as it was.
    /// - Throws: `DeployTokenError.missing` if there is none.
    func removeToken(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken

    /// Why what somebody sent is not the tool's token, as it is stored at this moment; `nil` if it is.
    ///
    /// It costs one call to the cluster, and none if the text cannot be a token.
    func check(_ text: String, of tool: ToolName) async throws(DeployTokenError) -> DeployTokenRefusal?
}

/// A deploy token for its holder.
public struct IssuedDeployToken: Sendable, Equatable {
    /// The token: a secret, which goes into the response alone; `nil` if its key is gone.
    public var text: String?
    /// When it was made.
    public var createdAt: Date
    /// When it stops being accepted.
    public var expiresAt: Date

    /// A token.
    public init(text: String?, createdAt: Date, expiresAt: Date) {
        self.text = text
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Why an operation on a token did not do what was asked.
public enum DeployTokenError: Error, Sendable, Equatable {
    /// The service has no keys, so there are no tokens.
    case unavailable
    /// The tool has no token.
    case missing(ToolName)
    /// The tool has a token.
    case exists(ToolName)
    /// The token was made with a key that is gone, so it can neither be shown nor used.
    case keyGone(ToolName)
    /// The cluster did not do its part for the tool's token.
    case cluster(ClusterFailure, ToolName)
}

/// Is notified of the use of tokens, for metrics.
///
/// It is called while the client waits, so it must be fast.
public protocol DeployTokenObserver: Sendable {
    /// A token that was made with that key was checked and accepted.
    func tokenAccepted(keyID: String)
}

/// The rules of deploy tokens over their port.
public struct DeployTokens: DeployTokenOperations {
    /// How often the stored facts are read again when they changed after the read.
    private static let attempts = 6

    private let store: any DeployTokenStore
    private let configs: any ToolConfigStore
    private let keys: TokenKeys
    private let lifetime: TimeInterval
    private let clock: any ClusterClock
    private let observer: (any DeployTokenObserver)?

    /// The rules over these ports.
    ///
    /// - Parameters:
    ///   - configs: says which tools there are.
    ///   - keys: what tokens are derived with; without any, every operation is `unavailable`.
    ///   - lifetime: how long a new token is accepted.
    public init(
        store: any DeployTokenStore, configs: any ToolConfigStore, keys: TokenKeys,
        lifetime: Duration = .seconds(365 * 86_400), clock: any ClusterClock = SystemClock(),
        observer: (any DeployTokenObserver)? = nil
    ) {
        self.store = store
        self.configs = configs
        self.keys = keys
        self.lifetime = TimeInterval(lifetime.components.seconds)
        self.clock = clock
        self.observer = observer
    }

    /// The tool's token.
    public func token(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        try requireKeys()
        let issued = issued(try await stored(tool).token, tool)
        guard issued.text != nil else { throw .keyGone(tool) }
        return issued
    }

    /// Makes a token for a tool that has none.
    public func createToken(for tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        let token = try newToken()
        for _ in 0..<Self.attempts {
            do throws(ClusterFailure) {
                do throws(ClusterFailure) {
                    try await store.create(token, for: tool)
                } catch .exists {
                    // Gone meanwhile: the name is free.
                    guard let stored = try await store.read(tool) else { continue }
                    guard stored.token.expiresAt <= clock.now() else { throw .exists }
                    try await store.replace(stored, by: token, of: tool)
                }
                return issued(token, tool)
            } catch {
                switch error {
                case .conflict, .absent: continue
                case .exists: throw .exists(tool)
                default: throw .cluster(error, tool)
                }
            }
        }
        throw .cluster(.conflict, tool)
    }

    /// Makes a new token in place of the one before.
    public func refreshToken(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        let token = try newToken()
        return try await changing(tool) { (stored) throws(ClusterFailure) in
            try await store.replace(stored, by: token, of: tool)
            return issued(token, tool)
        }
    }

    /// Removes the token.
    public func removeToken(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        try requireKeys()
        return try await changing(tool) { (stored) throws(ClusterFailure) in
            try await store.remove(stored, of: tool)
            return issued(stored.token, tool)
        }
    }

    /// Why what somebody sent is not the tool's token.
    public func check(_ text: String, of tool: ToolName) async throws(DeployTokenError) -> DeployTokenRefusal? {
        guard !keys.isEmpty else { return .unavailable }
        guard let sent = TokenText(text) else { return .other }
        let stored: StoredDeployToken?
        do throws(ClusterFailure) {
            stored = try await store.read(tool)
        } catch {
            throw .cluster(error, tool)
        }
        guard let token = stored?.token else { return .noToken }
        guard let expected = keys.text(of: token, for: tool) else { return .keyGone }
        guard expected.isSame(as: sent) else { return .other }
        guard clock.now() < token.expiresAt else { return .expired }
        observer?.tokenAccepted(keyID: token.keyID)
        return nil
    }

    /// Changes the stored facts, in the version that was read.
    private func changing(
        _ tool: ToolName, _ change: (StoredDeployToken) async throws(ClusterFailure) -> IssuedDeployToken
    ) async throws(DeployTokenError) -> IssuedDeployToken {
        for _ in 0..<Self.attempts {
            let stored = try await stored(tool)
            do throws(ClusterFailure) {
                return try await change(stored)
            } catch {
                guard error == .conflict || error == .absent else { throw .cluster(error, tool) }
            }
        }
        throw .cluster(.conflict, tool)
    }

    private func stored(_ tool: ToolName) async throws(DeployTokenError) -> StoredDeployToken {
        do throws(ClusterFailure) {
            if let stored = try await store.read(tool) { return stored }
            guard try await configs.toolExists(tool) else { throw .toolMissing }
        } catch {
            throw .cluster(error, tool)
        }
        throw .missing(tool)
    }

    private func requireKeys() throws(DeployTokenError) {
        guard !keys.isEmpty else { throw .unavailable }
    }

    private func newToken() throws(DeployTokenError) -> DeployToken {
        guard let keyID = keys.ids.first else { throw .unavailable }
        let now = Date(microsecondsSince1970: clock.now().microsecondsSince1970)
        var generator = SystemRandomNumberGenerator()
        let nonce = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hexadecimal
        return DeployToken(keyID: keyID, nonce: nonce, createdAt: now, expiresAt: now.addingTimeInterval(lifetime))
    }

    private func issued(_ token: DeployToken, _ tool: ToolName) -> IssuedDeployToken {
        IssuedDeployToken(
            text: keys.text(of: token, for: tool)?.uuid, createdAt: token.createdAt, expiresAt: token.expiresAt)
    }
}
