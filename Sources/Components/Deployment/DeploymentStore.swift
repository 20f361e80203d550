public import struct Foundation.Date

/// Where the records of deployments are kept.
///
/// A record that is being deleted counts as gone: it is not read, listed or changed. Only its name is still taken.
public protocol DeploymentStore: Sendable {
    /// The record of that id, or `nil` if there is none.
    /// - Throws: `ClusterFailure.unreadable` if an object of that name exists but is not a record.
    func read(_ id: String, of tool: ToolName) async throws(ClusterFailure) -> DeploymentRecord?

    /// All records of a tool by name alone, readable or not.
    func list(_ tool: ToolName) async throws(ClusterFailure) -> [DeploymentEntry]

    /// All records of a tool with their contents, readable or not, in no order.
    func listRecords(_ tool: ToolName) async throws(ClusterFailure) -> [ListedRecord]

    /// Stores what was asked as a new record without a status.
    ///
    /// A repeat of the same request after a lost response is not an error: the stored record is returned.
    /// - Throws: `ClusterFailure.exists` if the id belongs to another request, `.terminating` if its record is being deleted,
    ///   `.full` if a quota has no room.
    func create(_ request: DeploymentRequest) async throws(ClusterFailure) -> DeploymentRecord

    /// Stores the status of a record that has not changed since it was read.
    /// - Throws: `ClusterFailure.conflict` if it has, `.absent` if it is gone or another one took its name.
    func update(_ record: DeploymentRecord, to status: DeploymentStatus) async throws(ClusterFailure)
        -> DeploymentRecord

    /// Removes the record that was listed. One that is gone already is not an error.
    /// - Parameter version: if given, only while the record is still at that version.
    /// - Throws: `ClusterFailure.conflict` if it has changed since.
    func remove(_ entry: DeploymentEntry, of tool: ToolName, at version: String?) async throws(ClusterFailure)
}

/// Which records there are, of all tools: for those who clean up.
public protocol DeploymentIndex: Sendable {
    /// Every deployment that has a record, readable or not, and when the record was created, by the store's clock.
    func listAll() async throws(ClusterFailure) -> [DeploymentIdentity: Date]
}

/// A record in a list, with its contents if they can be read.
public struct ListedRecord: Sendable, Equatable {
    /// Its name, age and identity.
    public var entry: DeploymentEntry
    /// Its contents; `nil` if an object of that name exists but is not a record.
    public var record: DeploymentRecord?

    /// A record of a list.
    public init(entry: DeploymentEntry, record: DeploymentRecord?) {
        self.entry = entry
        self.record = record
    }
}

/// A record as a list names it.
public struct DeploymentEntry: Sendable, Hashable {
    /// The deployment's id.
    public var id: String
    /// When it was asked for, by the cluster's clock.
    public var requestedAt: Date
    /// Which object this is: another one of the same name has another identity.
    public var identity: String

    /// A record's name, age and identity.
    public init(id: String, requestedAt: Date, identity: String) {
        self.id = id
        self.requestedAt = requestedAt
        self.identity = identity
    }

    /// Whether this deployment was asked for before the other: by `requestedAt`, then by id.
    public func isOlder(than other: DeploymentEntry) -> Bool {
        requestedAt == other.requestedAt
            ? id.utf8.lexicographicallyPrecedes(other.id.utf8) : requestedAt < other.requestedAt
    }
}
