import Foundation
import JSON
import Logging
import Synchronization
import Testing

@testable import Kubernetes

@Suite struct LeaderElectionTests {
    /// A server of one lease, which swaps it only for the version that it has.
    private final class LeaseServer: Sendable {
        private struct State {
            var lease: JSONValue?
            var version = 0
            var isAway = false
            /// Whether a renewal that nobody awaits any more arrives just before the lease is given up.
            var hasLateRenewal = false
            var holders: [String] = []

            /// The lease, at its next version.
            mutating func renew() {
                guard var lease = lease?.objectValue, var metadata = lease["metadata"]?.objectValue else { return }
                version += 1
                metadata["resourceVersion"] = .string(String(version))
                lease["metadata"] = .object(metadata)
                self.lease = .object(lease)
            }
        }
        private let state = Mutex(State())

        var holders: [String] { state.withLock { $0.holders } }
        var isAway: Bool {
            get { state.withLock { $0.isAway } }
            set { state.withLock { $0.isAway = newValue } }
        }
        var hasLateRenewal: Bool {
            get { state.withLock { $0.hasLateRenewal } }
            set { state.withLock { $0.hasLateRenewal = newValue } }
        }

        @Sendable func answer(_ request: ReceivedRequest) -> ScriptedStep {
            state.withLock { state in
                guard !state.isAway else { return .status(503, "ServiceUnavailable", "away") }
                switch request.method {
                case "GET":
                    if let lease = state.lease { return .json(200, lease) }
                    return .json(
                        404,
                        [
                            "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
                            "code": 404,
                            "details": ["name": "leader"],
                        ])
                case "POST" where state.lease != nil: return .status(409, "AlreadyExists", "exists")
                case "POST", "PUT":
                    guard var lease = request.json?.objectValue, var metadata = lease["metadata"]?.objectValue else {
                        return .status(400, "BadRequest", "no lease")
                    }
                    let holder = lease["spec"]?["holderIdentity"]?.stringValue ?? ""
                    if state.hasLateRenewal, holder == "" {
                        state.hasLateRenewal = false
                        state.renew()
                    }
                    let current = state.lease?["metadata"]?["resourceVersion"]
                    guard metadata["resourceVersion"] == current else { return .status(409, "Conflict", "changed") }
                    // As the real server: six digits, or a refusal.
                    let times = ["acquireTime", "renewTime"].compactMap { lease["spec"]?[$0]?.stringValue }
                    guard times.allSatisfy({ $0.utf8.count == 27 && $0.hasSuffix("Z") }),
                        (lease["spec"]?["leaseDurationSeconds"]?.intValue ?? 0) > 0
                    else { return .status(422, "Invalid", "times \(times)") }
                    state.version += 1
                    metadata["resourceVersion"] = .string(String(state.version))
                    metadata["namespace"] = "tool-demo"
                    lease["metadata"] = .object(metadata)
                    state.lease = .object(lease)
                    if state.holders.last != holder { state.holders.append(holder) }
                    return .json(200, .object(lease))
                default: return .status(405, nil, "no")
                }
            }
        }
    }

    /// Tries often, so that a test need not wait: the machine's own tests hold the usual times.
    private func election(_ client: KubernetesClient, _ name: String, renewDeadline: Duration = .seconds(60))
        -> LeaderElection
    {
        LeaderElection(
            client: client, namespace: "tool-demo", name: "leader", candidate: name,
            timing: ElectionTiming(
                leaseDuration: renewDeadline * 2, renewDeadline: renewDeadline, retryPeriod: .milliseconds(50)),
            logger: Logger(label: "test"))
    }

    @Test func theNextOneLeadsAsSoonAsTheFirstStops() async throws {
        let leases = LeaseServer()
        try await ScriptedServer.run(answering: leases.answer) { server in
            try await KubernetesClient.with(server) { client in
                let (leaders, leads) = AsyncStream.makeStream(of: String.self)
                let running = ["a", "b"].map { name in
                    let election = self.election(client, name)
                    return Task {
                        await election.run { leadership in
                            leads.yield(name)
                            #expect(leadership.deadline != nil)
                            // Until it is cancelled.
                            try? await Task.sleep(for: .seconds(3_600))
                        }
                    }
                }
                var order = leaders.makeAsyncIterator()
                let first = await order.next()
                running[first == "a" ? 0 : 1].cancel()
                await running[first == "a" ? 0 : 1].value
                // The lease was given up before `run` returned.
                #expect(leases.holders.count >= 2)
                #expect(await order.next() == (first == "a" ? "b" : "a"))
                for task in running { task.cancel() }
                for task in running { await task.value }
            }
        }
        let prefixes = leases.holders.map { String($0.prefix(2)) }
        #expect(prefixes.count == 4 && prefixes[1] == "" && prefixes[3] == "")
        #expect(Set(prefixes) == ["a_", "b_", ""])
    }

    @Test func aRenewalThatArrivesLateDoesNotKeepTheLease() async throws {
        let leases = LeaseServer()
        leases.hasLateRenewal = true
        try await ScriptedServer.run(answering: leases.answer) { server in
            try await KubernetesClient.with(server) { client in
                let (leads, lead) = AsyncStream.makeStream(of: Void.self)
                let run = Task {
                    await self.election(client, "a").run { _ in
                        lead.yield()
                        // Until it is cancelled.
                        try? await Task.sleep(for: .seconds(3_600))
                    }
                }
                for await _ in leads { break }
                run.cancel()
                await run.value
            }
        }
        #expect(!leases.hasLateRenewal)
        #expect(leases.holders.count == 2 && leases.holders.last == "")
    }

    @Test func aLeaseThatWasTakenWithoutAnAnswerIsGivenUpAtAStop() async throws {
        let leases = LeaseServer()
        let (taken, take) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer.run(answering: { request in
            let answer = leases.answer(request)
            guard request.method == "POST" else { return answer }
            take.yield()
            return .hang
        }) { server in
            try await KubernetesClient.with(server) { client in
                let run = Task {
                    await self.election(client, "a").run { _ in Issue.record("nobody said that it leads") }
                }
                for await _ in taken { break }
                run.cancel()
                await run.value
            }
        }
        #expect(leases.holders.count == 2 && leases.holders.last == "")
    }

    @Test func theLeadEndsWhenItCannotBeRenewedAndSoDoItsCalls() async throws {
        let leases = LeaseServer()
        try await ScriptedServer.run(answering: { request in
            request.target.contains("gadgets") ? .hang : leases.answer(request)
        }) { server in
            try await KubernetesClient.with(server, maximumRetries: 0) { client in
                let election = self.election(client, "a", renewDeadline: .seconds(1))
                let error = Mutex<KubernetesError?>(nil)
                let (ends, end) = AsyncStream.makeStream(of: Bool.self)
                let run = Task {
                    await election.run { leadership in
                        leases.isAway = true
                        // A call that nobody answers: its own deadline is half a minute.
                        let found = await failure { try await client.gadgets.get("a") }
                        error.withLock { $0 = $0 ?? found }
                        end.yield(leadership.deadline == nil)
                        leases.isAway = false
                    }
                }
                for await hasEnded in ends {
                    #expect(hasEnded || Task.isCancelled)
                    break
                }
                run.cancel()
                await run.value
                #expect([.timeout, .cancelled].contains(error.withLock { $0?.code }))
            }
        }
    }
}
