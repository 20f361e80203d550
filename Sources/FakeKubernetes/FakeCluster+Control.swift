import Foundation

extension FakeCluster {
    /// What was asked of the API since the start or the last `clearJournal`, oldest first; the fields are those of `GET /_fake/journal`.
    public var journal: [Value] { api.journal.all }

    /// Forgets what was asked so far.
    public func clearJournal() { api.journal.clear() }

    /// Puts fault rules in place of those in force; `rules` as in `PUT /_fake/faults`.
    ///
    /// - Throws: `SetUpError` for a rule that cannot be read.
    public func setFaults(_ rules: [Value]) throws {
        do throws(StatusError) {
            try api.faults.replace(with: ["rules": .array(rules)])
        } catch {
            throw SetUpError(message: error.message)
        }
    }

    /// Takes all fault rules away.
    public func clearFaults() { api.faults.clear() }

    /// Makes a namespace, unless it is there.
    public func createNamespace(_ name: String) throws {
        do {
            try api.store.write { state throws(StatusError) in try state.ensureNamespace(name, now: .now) }
        } catch {
            throw SetUpError(message: error.message)
        }
    }

    /// Makes a token good for a user.
    ///
    /// - Parameter allowed: What the user may do, as in `PUT /_fake/tokens`; `nil`: everything.
    public func register(token: String, user: String, allowed: [Value]? = nil) {
        api.authenticator.register(token: token, user: user, rules: allowed?.map(AccessRule.init))
    }

    /// Makes PipelineRuns wait, or go on.
    public func setBuilder(isPaused: Bool) { api.controls.builder.setPaused(isPaused) }

    /// Makes a client certificate that the server takes for a user with all rights.
    ///
    /// - Returns: The files of the certificate and of its key.
    public func issueClientCertificate(_ name: String) async throws -> (certificate: String, key: String) {
        try await certificate.issueClient(name)
        return ("\(certificate.directory)/\(name).crt", "\(certificate.directory)/\(name).key")
    }

    /// An object as it is stored, without a request; `nil` if it is not there.
    public func object(group: String = "", resource: String, namespace: String? = nil, name: String) -> Value? {
        let resource = GroupResource(group: group, resource: resource)
        return try? api.store.read { state throws(StatusError) in
            state.object(resource, namespace: namespace, name: name)?.value
        }
    }

    /// All objects of a kind as they are stored, in the order of their keys; `nil`: of all namespaces.
    public func objects(group: String = "", resource: String, namespace: String? = nil) -> [Value] {
        let resource = GroupResource(group: group, resource: resource)
        let found = try? api.store.read { state throws(StatusError) in
            state.table(resource).objects(in: namespace).map(\.object.value)
        }
        return found ?? []
    }
}
