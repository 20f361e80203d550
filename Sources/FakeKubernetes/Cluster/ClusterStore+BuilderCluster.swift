import Foundation

/// The cluster as the builder sees it: its writes are requests like everybody's.
extension ClusterStore: BuilderCluster {
    func pipelineRuns(in namespace: String) async -> AsyncStream<PipelineRunEvent> {
        let (changes, changed) = AsyncStream.makeStream(of: WatchEvent.self)
        let present = try? write { state throws(StatusError) in
            state.subscribe(changed)
            return state.table(ResourceDefinition.pipelineRuns).objects(in: namespace).map(\.object)
        }
        let runs = (present ?? []).sorted { left, right in
            (left.value.creationTimestamp, left.resourceVersion) < (
                right.value.creationTimestamp, right.resourceVersion
            )
        }
        let (events, feed) = AsyncStream.makeStream(of: PipelineRunEvent.self)
        for run in runs { feed.yield(.present(run.value)) }
        let forwarding = Task {
            for await change in changes
            where change.resource == ResourceDefinition.pipelineRuns && change.object.value.namespace == namespace {
                feed.yield(change.change == .deleted ? .deleted(change.object.value) : .present(change.object.value))
            }
            feed.finish()
        }
        feed.onTermination = { _ in forwarding.cancel() }
        return events
    }

    func pipelineRun(named name: String, in namespace: String) async -> Value? {
        let found = try? read { state throws(StatusError) in
            state.object(ResourceDefinition.pipelineRuns, namespace: namespace, name: name)?.value
        }
        return found ?? nil
    }

    func store(_ run: Value) async throws(BuilderConflict) { try replace(run, subresource: nil) }

    func storeStatus(of run: Value) async throws(BuilderConflict) { try replace(run, subresource: "status") }

    private func replace(_ run: Value, subresource: String?) throws(BuilderConflict) {
        let path = ResourcePath(
            group: "tekton.dev", version: "v1", resource: "pipelineruns", namespace: run.namespace, name: run.name,
            subresource: subresource)
        let call = APICall(
            verb: .update, path: path, query: QueryItems(""), contentType: "application/json",
            userAgent: "tekton-controller", body: run.serialized(), user: "tekton-controller")
        do throws(StatusError) {
            _ = try perform(call)
        } catch {
            switch error.code {
            case 409: throw .modified
            case 404: throw .gone
            default: throw .refused(error.message)
            }
        }
    }
}

extension Value {
    fileprivate var creationTimestamp: String { at("metadata", "creationTimestamp")?.string ?? "" }
}
