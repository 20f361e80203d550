import FakeKubernetes
import Foundation
import Testing

/// What goes wrong on purpose.
@Suite struct FaultsTests {
    @Test(arguments: [("before", false), ("after", true)])
    func closesTheConnectionWithoutAnAnswer(moment: String, isStored: Bool) async throws {
        try await ToolDeployments.withCluster { cluster, client in
            try cluster.setFaults([["verb": "create", "times": 1, "action": ["drop": .string(moment)]]])
            let answer = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            #expect(answer == nil)
            #expect(ToolDeployments.isStored("a", in: cluster) == isStored)
            let entry = try #require(cluster.journal.last)
            #expect(entry["fault"]?.string == "drop \(moment)")
            #expect(entry["committed"]?.bool == isStored)
            #expect(entry["status"]?.isNull == true)
            // The rule is used up.
            #expect(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("b"))?.status == 201)
        }
    }

    @Test(arguments: [false, true])
    func answersWithAnErrorThatMayHideASuccess(isCommitted: Bool) async throws {
        try await ToolDeployments.withCluster { cluster, client in
            try cluster.setFaults([
                [
                    "verb": "create", "resource": "tooldeployments",
                    "action": [
                        "status": 503, "reason": "ServiceUnavailable", "message": "not now",
                        "commit": .bool(isCommitted),
                        "headers": ["Retry-After": "1"],
                    ],
                ]
            ])
            let answer = try #require(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a")))
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
            #expect(answer.value["reason"] == "ServiceUnavailable")
            #expect(answer.value["message"] == "not now")
            #expect(ToolDeployments.isStored("a", in: cluster) == isCommitted)
            #expect(cluster.journal.last?["committed"]?.bool == isCommitted)
        }
    }

    @Test func hangsOneRequestAndServesTheOthers() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            try cluster.setFaults([["verb": "create", "name": "slow*", "times": 1, "action": ["hang": "after"]]])
            try await withThrowingTaskGroup(of: Int?.self) { group in
                group.addTask {
                    try await client.send("POST", ToolDeployments.path, ToolDeployments.new("slow-1"))?.status
                }
                // The write is done; its answer never comes.
                while !ToolDeployments.isStored("slow-1", in: cluster) { await Task.yield() }
                #expect(try await client.send("GET", ToolDeployments.path + "/slow-1")?.status == 200)
                #expect(
                    try await client.send("POST", ToolDeployments.path, ToolDeployments.new("quick"))?.status == 201)
                group.cancelAll()
                let status = try await group.next()
                #expect(status == .some(nil))
            }
        }
    }

    @Test func skipsAndCountsAndMatchesSubresources() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            let rule: Value = [
                "verb": "patch", "subresource": "status", "skip": 1, "times": 1,
                "action": ["status": 500, "message": "no"],
            ]
            let answer = try await client.send("PUT", "/_fake/faults", ["rules": [rule]])
            #expect(answer?.status == 200)
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            var statuses: [Int?] = []
            for path in ["/a", "/a/status", "/a/status", "/a/status"] {
                let answer = try await client.send(
                    "PATCH", ToolDeployments.path + path, ["metadata": ["labels": ["a": "b"]]],
                    type: "application/merge-patch+json")
                statuses.append(answer?.status)
            }
            #expect(statuses == [200, 200, 500, 200])
            let report = try #require(try await client.send("GET", "/_fake/faults")).value
            #expect(report["rules"]?[0]?["fired"] == 1)
            #expect(try await client.send("DELETE", "/_fake/faults")?.value == ["rules": []])
        }
    }

    @Test func dripsAnAnswerByteByByte() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            let whole = try #require(try await client.send("GET", ToolDeployments.path + "/a"))
            try cluster.setFaults([["verb": "get", "action": ["drip": 1]]])
            let dripped = try #require(try await client.send("GET", ToolDeployments.path + "/a"))
            #expect(dripped.body == whole.body)
            #expect(cluster.journal.last?["fault"] == "drip 1")
        }
    }

    @Test(arguments: [("before", false, nil), ("after", true, nil), ("answered", true, 201)])
    func killsAProcessAroundTheWrite(moment: String, isStored: Bool, status: Int?) async throws {
        try await ToolDeployments.withCluster { cluster, client in
            let (ends, ended) = AsyncStream.makeStream(of: Void.self)
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sleep")
            process.arguments = ["600"]
            process.terminationHandler = { _ in ended.finish() }
            try process.run()
            try cluster.setFaults([
                [
                    "verb": "create",
                    "action": ["kill": .int(Int64(process.processIdentifier)), "when": .string(moment)],
                ]
            ])
            let answer = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            #expect(answer?.status == status)
            for await _ in ends {}
            #expect(process.terminationReason == .uncaughtSignal)
            #expect(process.terminationStatus == SIGKILL)
            #expect(ToolDeployments.isStored("a", in: cluster) == isStored)
        }
    }

    @Test(arguments: [
        ("empty", ""), ("html", "<!doctype html>"), ("truncated", "{"), ("kind", "{"), ("name", "{"), ("metadata", "{"),
        ("status", "{"),
    ])
    func answersWithWhatIsNoAnswer(garbling: String, start: String) async throws {
        try await ToolDeployments.withCluster { cluster, client in
            let whole = try #require(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a")))
            for (name, isCommitted) in [("b", true), ("c", false)] {
                try cluster.setFaults([["action": ["garble": .string(garbling), "commit": .bool(isCommitted)]]])
                let answer = try #require(
                    try await client.send("POST", ToolDeployments.path, ToolDeployments.new(name)))
                #expect(answer.status == 200)
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(text.hasPrefix(start) || !isCommitted)
                #expect(answer.body.count != whole.body.count)
                #expect(ToolDeployments.isStored(name, in: cluster) == isCommitted)
                #expect(cluster.journal.last?["committed"]?.bool == isCommitted)
            }
        }
    }

    @Test func aRuleCanBeAddedAndFireEveryFewTimes() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            try cluster.setFaults([["verb": "create", "times": 1, "action": ["status": 503]]])
            let rule: Value = ["id": "gets", "verb": "get", "every": 3, "action": ["status": 500]]
            #expect(try await client.send("POST", "/_fake/faults", ["rules": [rule]])?.status == 200)
            #expect(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))?.status == 503)
            #expect(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))?.status == 201)
            var statuses: [Int?] = []
            for _ in 0..<7 { statuses.append(try await client.send("GET", ToolDeployments.path + "/a")?.status) }
            #expect(statuses == [500, 200, 200, 500, 200, 200, 500])
            let left = try await client.send("DELETE", "/_fake/faults", ["id": "gets"])
            #expect(left?.value["rules"]?.array?.count == 1)
        }
    }

    @Test func tellsInWhichOrderChangesWereMadeAndWhatTheyLeft() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            let made = try #require(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a")))
            _ = try await client.send("DELETE", ToolDeployments.path + "/a")
            let entries = cluster.journal.suffix(2)
            let revisions = entries.compactMap { $0["revision"]?.int }
            #expect(revisions.count == 2 && revisions == revisions.sorted())
            #expect(entries.first?.at("result", "uid") == made.value.at("metadata", "uid"))
            #expect(entries.first?.at("result", "resourceVersion") == made.value.at("metadata", "resourceVersion"))
        }
    }

    @Test func aTokenThatIsRevokedIsGoodForNobody() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            cluster.register(token: "old", user: "somebody")
            let path = ToolDeployments.path
            let before = try await client.send("GET", path, token: "old")
            let revocation = try await client.send("DELETE", "/_fake/tokens", ["token": "old"])
            let after = try await client.send("GET", path, token: "old")
            #expect([before, revocation, after].map { $0?.status } == [200, 200, 401])
        }
    }

    @Test func refusesARuleThatItDoesNotUnderstand() async throws {
        try await ToolDeployments.withCluster { _, client in
            let answer = try await client.send("PUT", "/_fake/faults", ["rules": [["action": ["explode": true]]]])
            #expect(answer?.status == 400)
        }
    }
}
