import Components
import ComponentsKubernetes
import FakeKubernetes
import Foundation
import JSON
import Kubernetes
import Logging
import Testing

/// A clock that never waits for long.
struct HastyClock: ClusterClock {
    func now() -> Date { Date() }
    func sleep(for duration: Duration) async { try? await Task.sleep(for: min(duration, .milliseconds(5))) }
}

/// The ports and the whole service, on connections of their own to a fake cluster that knows the project's own custom
/// resources and builds nothing.
struct LiveCluster: Sendable {
    let cluster: FakeCluster
    let client: KubernetesClient
    let tool: ToolName

    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    var configs: KubernetesToolConfigStore { KubernetesToolConfigStore(client: client, logger: Self.logger) }
    var deployments: KubernetesDeploymentStore { KubernetesDeploymentStore(client: client, logger: Self.logger) }
    var builds: TektonBuildService { TektonBuildService(client: client, logger: Self.logger) }

    var goodBuilds: KubernetesToolBuildsStore { KubernetesToolBuildsStore(client: client, logger: Self.logger) }

    var logs: TektonBuildLogs { TektonBuildLogs(client: client, clock: HastyClock(), logger: Self.logger) }

    func service(retained: Int = 10) -> ComponentsService {
        ComponentsService(
            configs: configs, deployments: deployments, builds: builds, goodBuilds: goodBuilds, logs: logs,
            maximumRetained: retained, logger: Self.logger)
    }

    /// - Parameter retries: how often the client repeats a call; 0 shows what a single failure means.
    static func with(
        retries: Int = 0, deadline: Duration = .seconds(300), token: String? = nil, knowsKinds: Bool = true,
        _ body: @escaping @Sendable (LiveCluster) async throws -> Void
    ) async throws {
        let crds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "chart/crds").path
        try await withFakeCluster(.init(customResources: knowsKinds ? crds : nil, runsBuilds: false)) { cluster in
            let client = try KubernetesClient(
                configuration: KubernetesConfiguration(
                    server: ServerAddress(url: cluster.baseURL),
                    certificateAuthority: .bytes(Array(cluster.authorityPEM.utf8)),
                    token: BearerToken(token ?? cluster.token)),
                options: KubernetesClientOptions(
                    fieldManager: "components-api", deadline: deadline,
                    retryPolicy: RetryPolicy(maximumRetries: retries, firstDelay: .milliseconds(1))),
                logger: logger)
            let tool = try #require(ToolName("demo"))
            let live = LiveCluster(cluster: cluster, client: client, tool: tool)
            do {
                try await body(live)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    // MARK: - The world behind it

    /// What was asked since the last look, as `verb resource`, `verb resource/subresource`.
    func calls() -> [String] {
        defer { cluster.clearJournal() }
        return cluster.journal.map { entry in
            "\(entry["verb"]?.string ?? "") \(entry["resource"]?.string ?? "")"
                + (entry["subresource"]?.string.map { "/\($0)" } ?? "")
        }
    }

    /// The same, as how often each was asked.
    func callCounts() -> [String: Int] { Dictionary(grouping: calls(), by: \.self).mapValues(\.count) }

    var runs: [Value] { cluster.objects(group: "tekton.dev", resource: "pipelineruns", namespace: "image-build") }

    var records: [Value] {
        cluster.objects(group: "deploy.toolforge.org", resource: "tooldeployments", namespace: "tool-demo")
    }

    var config: Value? {
        cluster.object(
            group: "deploy.toolforge.org", resource: "toolconfigs", namespace: "tool-demo", name: "demo-config")
    }

    /// One fault rule: once, unless said otherwise.
    static func fault(
        _ verb: String, _ resource: String, _ action: Value, times: Int64? = 1, skip: Int64 = 0
    ) -> Value {
        var rule: Value = [
            "verb": .string(verb), "resource": .string(resource), "skip": .int(skip), "action": action,
        ]
        if let times { rule["times"] = .int(times) }
        return rule
    }

    /// An answer of the API server's own.
    static func refusal(_ status: Int64, _ reason: String, _ message: String, commit: Bool = false) -> Value {
        [
            "status": .int(status), "reason": .string(reason), "message": .string(message),
            "commit": .bool(commit),
        ]
    }

    /// Says of a run what Tekton would.
    func setCondition(of name: String, _ status: String, reason: String, message: String = "m") async throws {
        _ = try await client.resources(AnyRun.self, namespace: "image-build").mergePatchStatus(
            name,
            [
                "status": [
                    "conditions": [
                        [
                            "type": "Succeeded", "status": .string(status), "reason": .string(reason),
                            "message": .string(message), "lastTransitionTime": "2026-11-29T18:00:00Z",
                        ]
                    ]
                ]
            ])
    }

    func delete(run name: String) async throws {
        try await client.resources(AnyRun.self, namespace: "image-build").delete(name)
    }

    func setQuota(of plural: String, to count: Int, in namespace: String) async throws {
        let quotas = client.resources(AnyQuota.self, namespace: namespace)
        let spec: JSONValue = ["hard": .object(["count/\(plural)": .string("\(count)")])]
        if try await quotas.getIfPresent("q") != nil {
            _ = try await quotas.mergePatch("q", ["spec": spec])
        } else {
            _ = try await quotas.create(AnyQuota(json: ["metadata": ["name": "q"], "spec": spec]))
        }
    }
}
