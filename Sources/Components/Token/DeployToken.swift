public import struct Foundation.Date

/// What a tool's deploy token is derived from, together with one of the service's keys.
///
/// The token itself is stored nowhere: whoever reads these facts, but not the key, cannot make it.
public struct DeployToken: Sendable, Hashable {
    /// Which key it is derived with.
    public var keyID: String
    /// What makes it another token than the tool's earlier ones: 32 hexadecimal digits.
    public var nonce: String
    /// When it was made, by the cluster's clock, in whole microseconds.
    public var createdAt: Date
    /// When it stops being accepted.
    public var expiresAt: Date

    /// A token of these facts.
    public init(keyID: String, nonce: String, createdAt: Date, expiresAt: Date) {
        self.keyID = keyID
        self.nonce = nonce
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// The facts of a token as they are stored.
public struct StoredDeployToken: Sendable, Equatable {
    /// The facts.
    public var token: DeployToken
    /// Which object this is.
    public var identity: String
    /// Which state of the object this is: every change makes another.
    public var version: String

    /// A token as the store holds it.
    public init(token: DeployToken, identity: String, version: String) {
        self.token = token
        self.identity = identity
        self.version = version
    }
}

/// Where the facts of each tool's one deploy token are kept.
public protocol DeployTokenStore: Sendable {
    /// The facts of the tool's token, or `nil` if there is none.
    /// - Throws: `ClusterFailure.unreadable` if an object of that name exists but is not what this service writes.
    func read(_ tool: ToolName) async throws(ClusterFailure) -> StoredDeployToken?

    /// Stores the facts of a first token.
    ///
    /// A repeat of the same call after a lost response is not an error.
    /// - Throws: `ClusterFailure.exists` if there is a token already.
    func create(_ token: DeployToken, for tool: ToolName) async throws(ClusterFailure)

    /// Puts the facts of a new token in the place of those that were read.
    /// - Throws: `ClusterFailure.conflict` if they have changed since, `.absent` if they are gone.
    func replace(_ stored: StoredDeployToken, by token: DeployToken, of tool: ToolName) async throws(ClusterFailure)

    /// Removes the facts that were read.
    /// - Throws: `ClusterFailure.conflict` if they have changed since, `.absent` if they are gone.
    func remove(_ stored: StoredDeployToken, of tool: ToolName) async throws(ClusterFailure)
}
