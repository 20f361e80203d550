public import struct Foundation.Date

/// Where the records of deployments are kept.
public protocol DeploymentStore: Sendable {
    /// The record of that id, or `nil` if there is none.
    /// - Throws: `StoreError.unreadable` if something of that name is there but is not a record.
    func read(_ id: String, of tool: ToolName) async throws(StoreError) -> DeploymentRecord?

    /// All records of a tool by name alone, readable or not.
    func list(_ tool: ToolName) async throws(StoreError) -> [DeploymentEntry]

    /// Stores what was asked as a new record without a status.
    ///
    /// A repeat of the same request after a lost answer is not an error: the record that is there is returned.
    /// - Throws: `StoreError.exists` if the id belongs to another request, `.full` if a quota has no room.
    func create(_ request: DeploymentRequest) async throws(StoreError) -> DeploymentRecord

    /// Stores the status of a record that has not changed since it was read.
    /// - Throws: `StoreError.conflict` if it has, `.absent` if it is gone or another one took its name.
    func update(_ record: DeploymentRecord, to status: DeploymentStatus) async throws(StoreError) -> DeploymentRecord

    /// Removes the record that was listed. One that is gone already is no error.
    /// - Parameter version: if given, only while the record is still at that version.
    /// - Throws: `StoreError.conflict` if it has changed since.
    func remove(_ entry: DeploymentEntry, of tool: ToolName, at version: String?) async throws(StoreError)
}

/// A record as a list names it.
public struct DeploymentEntry: Sendable, Hashable {
    /// The deployment's id.
    public var id: String
    /// When the store recorded it, to the second, by the store's clock.
    public var createdAt: Date
    /// Which object this is: another one of the same name has another identity.
    public var identity: String

    /// A record's name, age and identity.
    public init(id: String, createdAt: Date, identity: String) {
        self.id = id
        self.createdAt = createdAt
        self.identity = identity
    }
}
