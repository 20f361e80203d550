import Components
import JSON
import Kubernetes

/// Writes one config over what its precondition allows, in as few calls as that takes.
///
/// What is required of the stored object is checked by the API server as part of the write: a patch names the version that
/// it replaces, and a name can be created once. So no other write can come between a read and a write.
struct ConfigWriter {
    /// The result of a write.
    enum Outcome {
        case stored(ToolConfigObject)
        case refused(FailedPrecondition)
    }

    /// How often the stored object is read again when it changed after the read.
    private static let attempts = 6

    let configs: ResourceClient<ToolConfigObject>
    let name: String
    let document: JSONValue

    /// Replaces `spec` as a whole, or creates the object if there is none yet.
    func write(if precondition: ConfigPrecondition) async throws(KubernetesError) -> Outcome {
        switch (precondition.match, precondition.noneMatch) {
        case (nil, nil):
            return .stored(try await write())
        case (nil, .any):
            return try await write(over: .nothing)
        case (.any, nil):
            return try await write(over: .anything)
        case (.listed(let versions), nil) where versions.count == 1 && Self.isPlain(versions[0]):
            return try await write(over: .version(versions[0]))
        default:
            return try await readAndWrite(if: precondition)
        }
    }

    /// Twice: another request may create it between the patch that did not find it and the creation.
    private func write() async throws(KubernetesError) -> ToolConfigObject {
        for _ in 0..<2 {
            do throws(KubernetesError) {
                return try await patch(over: nil)
            } catch let error where error.isNotFound {
                do throws(KubernetesError) {
                    return try await create()
                } catch let error where error.isAlreadyExists {
                    continue
                }
            }
        }
        return try await patch(over: nil)
    }

    /// For what no single write can require: one of several versions, or none of some.
    private func readAndWrite(if precondition: ConfigPrecondition) async throws(KubernetesError) -> Outcome {
        for _ in 0..<Self.attempts {
            let version = try await configs.getIfPresent(name)?.metadata.resourceVersion
            if let failure = precondition.failure(for: version) { return .refused(failure) }
            // Only over the version that the precondition was checked with; another one is checked anew.
            if case .stored(let object) = try await write(over: version.map(Target.version) ?? .nothing) {
                return .stored(object)
            }
        }
        throw KubernetesError(.conflict, "the config was changed again and again between the read and the write")
    }

    /// What a write replaces.
    private enum Target {
        case nothing, anything
        case version(String)
    }

    /// Writes over that alone.
    private func write(over target: Target) async throws(KubernetesError) -> Outcome {
        do throws(KubernetesError) {
            switch target {
            case .nothing: return .stored(try await create())
            case .anything: return .stored(try await patch(over: nil))
            case .version(let version): return .stored(try await patch(over: version))
            }
        } catch {
            guard let failure = failure(of: target, by: error) else { throw error }
            guard error.mayHaveBeenApplied else { return .refused(failure) }
            // An attempt whose response was lost may have changed what this one met.
            if let present = try await configs.getIfPresent(name), present.document == document {
                return .stored(present)
            }
            // It was never stored, or stored and replaced since: a client that was told the one might merge its change twice.
            var unknown = KubernetesError(
                .timeout, "an answer was lost, and what is stored now is not what was sent: \(error.message)")
            unknown.mayHaveBeenApplied = true
            throw unknown
        }
    }

    /// The precondition that an error of a write means, if it is about the target.
    private func failure(of target: Target, by error: KubernetesError) -> FailedPrecondition? {
        switch target {
        case .nothing where error.isAlreadyExists && !error.meansBeingDeleted: .present
        case .version where error.isConflict: .changed
        // Only a missing object is named: a kind that is not served is another failure.
        case .anything, .version: error.isNotFound && error.status?.details?.name == name ? .missing : nil
        case .nothing: nil
        }
    }

    /// A JSON Patch that adds `/spec` takes the place of whatever stood there, whoever wrote it; a server-side apply
    /// would leave the keys of other field managers.
    private func patch(over version: String?) async throws(KubernetesError) -> ToolConfigObject {
        let condition = version.map { [JSONPatchOperation.replace("/metadata/resourceVersion", .string($0))] } ?? []
        return try await configs.jsonPatch(name, condition + [.add("/spec", document)])
    }

    private func create() async throws(KubernetesError) -> ToolConfigObject {
        try await configs.create(ToolConfigObject(name: name, document: document), isRepeatable: true)
    }

    /// Whether a client's version can be passed to the API server unchecked.
    ///
    /// The API server takes "0" and "" for no condition, and does not expect what is not a number: those are only compared.
    static func isPlain(_ version: String) -> Bool {
        guard let number = UInt64(version) else { return false }
        return number > 0 && String(number) == version
    }
}
