import Testing

@testable import FakeKubernetes

/// Sends recorded requests to a fake cluster, and compares what it answers with what was recorded.
struct RecordingPlayer {
    let client: TestClient
    var replay = Replay()
    private let weakToken = "the token of a weak user"
    private let otherToken = "the token of another weak user"

    init(cluster: FakeCluster) {
        client = TestClient(cluster: cluster)
        cluster.register(token: weakToken, user: "system:serviceaccount:tool-other:weak", allowed: [])
        cluster.register(token: otherToken, user: "system:serviceaccount:rec-builds:weak", allowed: [])
    }

    /// Sends one request and compares the answer.
    mutating func play(_ exchange: NumberedExchange) async throws {
        let answer = try #require(try await send(exchange), "\(exchange.label): no answer")
        #expect(answer.status == exchange.status, "\(exchange.label): \(answer.value.text.prefix(1_000))")
        var recorded = exchange.correctedAnswer
        var actual = answer.value
        if exchange.isWatch { actual = Self.events(answer.body) }
        if exchange.file != "watch", exchange.isWatch, case .array = recorded {
            if actual == "" { actual = [] }
            if actual["type"] != nil { actual = [actual] }
        } else if exchange.file != "watch" {
            actual = answer.value
        }
        replay.learn(recorded: recorded, actual: actual)
        (recorded, actual) = (replay.translated(recorded), Replay().translated(actual))
        (recorded, actual) = exchange.comparable(recorded: recorded, actual: actual)
        for difference in actual.differences(from: recorded).prefix(10) {
            Issue.record("\(exchange.label): \(difference)")
        }
    }

    private func send(_ exchange: NumberedExchange) async throws -> TestClient.Answer? {
        var headers = exchange.headers
        let token: String? =
            switch (headers.removeValue(forKey: "Authorization"), exchange.id) {
            case (nil, _): nil
            case ("Bearer <token>", _): client.cluster.token
            case (_, "refusals[20]"): "a token that is none"
            case (_, let id) where id.hasPrefix("pods"): otherToken
            // Refused by a fault, not for its rights.
            case (_, let id) where id.hasPrefix("watch2"): client.cluster.token
            default: weakToken
            }
        let path =
            exchange.isWatch && exchange.id != "watch[0]"
            ? replay.translated(inside: exchange.path).replacing(/timeoutSeconds=\d/, with: "timeoutSeconds=1")
            : replay.translated(inside: exchange.path)
        return try await client.send(exchange.method, path, headers: headers, token: token, body: body(of: exchange))
    }

    private func body(of exchange: NumberedExchange) -> [UInt8] {
        switch exchange.body {
        case .null: return []
        case .string(let text):
            guard let size = text.wholeMatch(of: /<a body of (\d+) bytes>/).flatMap({ Int($0.1) }) else {
                return Array(text.utf8)
            }
            let start =
                #"{"apiVersion":"deploy.toolforge.org/v1","kind":"ToolConfig","metadata":{"name":"large"},"#
            let middle = #""spec":{"components":{"a":{"build":{}}},"x":""#
            let filling = String(repeating: "x", count: size - start.count - middle.count - 3)
            return Array("\(start)\(middle)\(filling)\"}}".utf8)
        case let value: return replay.translatedRequest(value).serialized()
        }
    }

    private static func events(_ body: [UInt8]) -> Value {
        let events = body.split(separator: UInt8(ascii: "\n")).compactMap { try? Value(parsing: Array($0)) }
        // A watch that only fails was recorded as that one event.
        if events.count == 1, events[0]["type"] == "ERROR" { return events[0] }
        return events.isEmpty ? "" : .array(events)
    }
}

extension RecordingPlayer {
    /// Brings about what the recording had brought about between its exchanges.
    mutating func prepare(for exchange: NumberedExchange) async throws {
        let custom = "/apis/deploy.toolforge.org/v1/namespaces"
        let deployments = "\(custom)/tool-demo/tooldeployments"
        switch exchange.id {
        case "objects[21]":
            // In place of server-side apply: the same change by other means.
            try await standIn(
                for: exchange, "PATCH", "\(custom)/tool-demo/toolconfigs/demo-config",
                ["spec": ["x": 1, "n": 9_007_199_254_740_993]], type: "application/merge-patch+json")
        case "objects[23]":
            try await standIn(
                for: exchange, "POST", "\(custom)/tool-demo/toolconfigs",
                [
                    "apiVersion": "deploy.toolforge.org/v1", "kind": "ToolConfig",
                    "metadata": ["name": "other"],
                    "spec": ["components": ["web": ["build": [:]]]],
                ])
        case "refusals[24]":
            let key = "count/tooldeployments.deploy.toolforge.org"
            try await succeed(
                "POST", "/api/v1/namespaces/tool-other/resourcequotas",
                ["apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "q"], "spec": ["hard": [key: "2"]]])
        case "refusals[27]":
            try client.cluster.createNamespace("tool-ending")
            try await succeed(
                "POST", "\(custom)/tool-ending/tooldeployments",
                Self.deployment("held", ["finalizers": ["example.org/held"]]))
            try await succeed("DELETE", "/api/v1/namespaces/tool-ending")
        case "status[0]":
            for name in ["q0", "q1"] { try await succeed("DELETE", "\(custom)/tool-other/tooldeployments/\(name)") }
        case "lists[0]":
            for number in 0..<5 {
                try await succeed(
                    "POST", deployments, Self.deployment("l\(number)", ["labels": ["odd": .string("\(number % 2)")]]))
            }
        case "watch[0]":
            let list = try await client.send("GET", deployments)
            replay.learn(
                recorded: ["resourceVersion": "1621"],
                actual: ["resourceVersion": list?.value.at("metadata", "resourceVersion") ?? ""])
            try await succeed("POST", deployments, Self.deployment("w1", [:]))
            try await succeed(
                "PATCH", "\(deployments)/w1/status", ["status": ["phase": "running"]],
                type: "application/merge-patch+json")
            try await succeed("DELETE", "\(deployments)/w1")
        default:
            if exchange.file == "pipelineruns", exchange.status == 200 { try playTekton(towards: exchange) }
        }
    }

    private static func deployment(_ name: String, _ metadata: Value) -> Value {
        var metadata = metadata
        metadata["name"] = .string(name)
        return [
            "apiVersion": "deploy.toolforge.org/v1", "kind": "ToolDeployment", "metadata": metadata,
            "spec": ["components": ["web"]],
        ]
    }

    private mutating func standIn(
        for exchange: NumberedExchange, _ method: String, _ path: String, _ body: Value,
        type: String = "application/json"
    ) async throws {
        let answer = try #require(try await client.send(method, path, body, type: type))
        #expect(answer.status < 300)
        replay.learn(recorded: exchange.answer, actual: answer.value)
    }

    @discardableResult
    private func succeed(_ method: String, _ path: String, _ body: Value? = nil, type: String = "application/json")
        async throws -> Value
    {
        let answer = try #require(try await client.send(method, path, body, type: type))
        #expect(answer.status < 300, "\(method) \(path): \(answer.value.text)")
        return answer.value
    }

    /// Stores what Tekton had written to a run before the exchange; what a patch itself changes is left to it.
    private func playTekton(towards exchange: NumberedExchange) throws {
        var run = exchange.answer
        guard exchange.method != "DELETE", run["kind"] == "PipelineRun" else { return }
        for key in ["resourceVersion", "managedFields"] { run.set(nil, at: "metadata", key) }
        let old = client.cluster.object(
            group: "tekton.dev", resource: "pipelineruns", namespace: "image-build", name: run.name)
        run.set(old?.at("metadata", "uid") ?? run.at("metadata", "uid"), at: "metadata", "uid")
        if exchange.method == "PATCH" {
            let isRelease = exchange.body.at("spec", "status")?.isNull ?? false
            run.set(isRelease ? "PipelineRunPending" : nil, at: "spec", "status")
        }
        let placed = run
        // A run that Tekton had not seen yet is left as it was created.
        guard placed["status"] != nil || old == nil else { return }
        try client.cluster.api.store.write { state throws(StatusError) in
            _ = try state.store(placed, as: ResourceDefinition.pipelineRuns)
        }
    }
}
