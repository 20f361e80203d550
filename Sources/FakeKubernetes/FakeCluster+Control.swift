import Foundation

extension FakeCluster {
    /// The requests since the start or the last `clearJournal`, oldest first; the fields are those of
    /// `GET /_fake/journal?from=INDEX`, which returns at most 1,000 of them.
    public var journal: [Value] { api.journal.all }

    /// Removes all entries of the journal.
    public func clearJournal() { api.journal.clear() }

    /// Replaces the fault rules; `rules` as in `PUT /_fake/faults`.
    ///
    /// - Throws: `SetUpError` for a rule that is not valid.
    public func setFaults(_ rules: [Value]) throws {
        do throws(StatusError) {
            try api.faults.replace(with: ["rules": .array(rules)])
        } catch {
            throw SetUpError(message: error.message)
        }
    }

    /// Removes all fault rules.
    public func clearFaults() { api.faults.clear() }

    /// Creates a namespace unless it exists.
    public func createNamespace(_ name: String) throws {
        do {
            try api.store.write { state throws(StatusError) in try state.ensureNamespace(name, now: .now) }
        } catch {
            throw SetUpError(message: error.message)
        }
    }

    /// Makes a token valid for a user.
    ///
    /// - Parameter allowed: The user's rights, as in `PUT /_fake/tokens`; `nil`: all rights.
    public func register(token: String, user: String, allowed: [Value]? = nil) {
        api.authenticator.register(token: token, user: user, rules: allowed?.map(AccessRule.init))
    }

    /// Pauses or resumes builds.
    public func setBuilder(isPaused: Bool) { api.controls.builder.setPaused(isPaused) }

    /// Decides how some builds go; `plans` as in `PUT /_fake/builder`.
    ///
    /// - Throws: `SetUpError` for a plan that is not valid.
    public func setBuildPlans(_ plans: [Value]) throws {
        do throws(StatusError) {
            try api.controls.builder.plans.replace(with: plans)
        } catch {
            throw SetUpError(message: error.message)
        }
    }

    /// Issues a client certificate for a user with all rights.
    ///
    /// - Returns: The files of the certificate and of its key.
    public func issueClientCertificate(_ name: String) async throws -> (certificate: String, key: String) {
        try await certificate.issueClient(name)
        return ("\(certificate.directory)/\(name).crt", "\(certificate.directory)/\(name).key")
    }

    /// An object as it is stored, without a request; `nil` if it does not exist.
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

extension FakeCluster {
    /// How many responses follow the log of a container now.
    public var openLogs: Int { api.controls.openLogs.count }

    /// Writes a line into the log of a container, as if a step did; `pod` is the pod's uid.
    public func writeLog(_ line: String, pod uid: String, container: String) {
        api.store.logs.append(line, to: PodLogs.Container(podUID: uid, name: container))
    }

    /// Ends the log of a container.
    public func endLog(pod uid: String, container: String) {
        api.store.logs.end(PodLogs.Container(podUID: uid, name: container))
    }
}
