import Components
import Foundation
import JSON
import Synchronization
import Testing

/// The rules of deploy tokens over a store in memory.
struct DeployTokenTests {
    private let store = MemoryTokens()
    private let clock = SettableClock()
    private let tool: ToolName

    init() throws { tool = try #require(ToolName("demo")) }

    private func tokens(keys: String = "new \(key(1))\nold \(key(2))", store: MemoryTokens? = nil) throws
        -> DeployTokens
    {
        DeployTokens(
            store: store ?? self.store, configs: MemoryTools(), keys: try TokenKeys(parsing: keys),
            lifetime: .seconds(86_400), clock: clock, observer: self.store)
    }

    private static func key(_ seed: UInt8) -> String { Data(repeating: seed, count: 32).base64EncodedString() }

    @Test func aTokenIsMadeOnceShownAgainAndAcceptedUntilItExpires() async throws {
        let tokens = try tokens()
        let made = try await tokens.createToken(for: tool)
        #expect(made.expiresAt == made.createdAt.addingTimeInterval(86_400))
        #expect(try await tokens.token(of: tool) == made)
        let text = try #require(made.text)
        #expect(try await tokens.check(text, of: tool) == nil)
        #expect(try await tokens.check(text.uppercased(), of: tool) == nil)
        #expect(store.accepted == ["new", "new"])
        await #expect(throws: DeployTokenError.exists(tool)) { try await tokens.createToken(for: tool) }
        clock.pass(86_400)
        #expect(try await tokens.check(text, of: tool) == .expired)
        // One that has expired makes room.
        let next = try await tokens.createToken(for: tool)
        #expect(next.text != text)
        #expect(try await tokens.check(text, of: tool) == .other)
        #expect(try await tokens.check(try #require(next.text), of: tool) == nil)
    }

    @Test func aRefreshTakesTheOldTokenAwayAtOnce() async throws {
        let (one, other) = (try tokens(), try tokens())
        let first = try #require(try await one.createToken(for: tool).text)
        let second = try #require(try await one.refreshToken(of: tool).text)
        #expect(try await other.check(first, of: tool) == .other)
        #expect(try await other.check(second, of: tool) == nil)
        #expect(try await other.removeToken(of: tool).text == second)
        #expect(try await one.check(second, of: tool) == .noToken)
    }

    @Test func whatIsNotThereIsMissing() async throws {
        let tokens = try tokens()
        await #expect(throws: DeployTokenError.missing(tool)) { try await tokens.token(of: tool) }
        await #expect(throws: DeployTokenError.missing(tool)) { try await tokens.refreshToken(of: tool) }
        await #expect(throws: DeployTokenError.missing(tool)) { try await tokens.removeToken(of: tool) }
        let nobody = try #require(ToolName("nobody"))
        await #expect(throws: DeployTokenError.cluster(.toolMissing, nobody)) { try await tokens.token(of: nobody) }
    }

    @Test func anotherToolsTokenIsNone() async throws {
        let tokens = try tokens()
        let other = try #require(ToolName("demo2"))
        let text = try #require(try await tokens.createToken(for: tool).text)
        _ = try await tokens.createToken(for: other)
        #expect(try await tokens.check(text, of: other) == .other)
        // Nor is one whose facts were copied.
        store.copy(from: tool, to: other)
        #expect(try await tokens.check(text, of: other) == .other)
    }

    @Test func whatCannotBeATokenCostsNoCall() async throws {
        let tokens = try tokens()
        _ = try await tokens.createToken(for: tool)
        let calls = store.reads
        #expect(try await tokens.check("demo", of: tool) == .other)
        #expect(store.reads == calls)
    }

    @Test func withoutKeysNothingIsMadeOrAccepted() async throws {
        let text = try #require(try await tokens().createToken(for: tool).text)
        let tokens = DeployTokens(store: store, configs: MemoryTools(), keys: .none, clock: clock)
        #expect(try await tokens.check(text, of: tool) == .unavailable)
        await #expect(throws: DeployTokenError.unavailable) { try await tokens.token(of: tool) }
        await #expect(throws: DeployTokenError.unavailable) { try await tokens.createToken(for: tool) }
        await #expect(throws: DeployTokenError.unavailable) { try await tokens.refreshToken(of: tool) }
        await #expect(throws: DeployTokenError.unavailable) { try await tokens.removeToken(of: tool) }
    }

    @Test func aKeyCanBeAddedAndGo() async throws {
        let text = try #require(try await tokens(keys: "old \(Self.key(2))").createToken(for: tool).text)
        // Another key makes new tokens; the token that was made with the old one stays good.
        #expect(try await tokens().check(text, of: tool) == nil)
        #expect(store.accepted == ["old"])
        let withoutOld = try tokens(keys: "new \(Self.key(1))")
        #expect(try await withoutOld.check(text, of: tool) == .keyGone)
        await #expect(throws: DeployTokenError.keyGone(tool)) { try await withoutOld.token(of: tool) }
        let next = try #require(try await withoutOld.refreshToken(of: tool).text)
        #expect(try await withoutOld.check(next, of: tool) == nil)
    }

    @Test func aTokenWhoseKeyIsGoneCanBeRemoved() async throws {
        _ = try await tokens(keys: "old \(Self.key(2))").createToken(for: tool)
        let removed = try await tokens(keys: "new \(Self.key(1))").removeToken(of: tool)
        #expect(removed.text == nil)
        await #expect(throws: DeployTokenError.missing(tool)) { try await tokens().token(of: tool) }
    }

    @Test func changesMadeMeanwhileAreReadAgain() async throws {
        let tokens = try tokens()
        _ = try await tokens.createToken(for: tool)
        store.conflicts = 5
        #expect(try await tokens.refreshToken(of: tool).text != nil)
        store.conflicts = 6
        await #expect(throws: DeployTokenError.cluster(.conflict, tool)) { try await tokens.refreshToken(of: tool) }
        store.conflicts = 1
        #expect(try await tokens.removeToken(of: tool).text != nil)
    }

    @Test func aClusterThatDoesNotSayIsNoRefusal() async throws {
        let tokens = try tokens()
        let text = try #require(try await tokens.createToken(for: tool).text)
        store.failure = .timedOut(mayHaveHappened: false)
        await #expect(throws: DeployTokenError.cluster(.timedOut(mayHaveHappened: false), tool)) {
            try await tokens.check(text, of: tool)
        }
    }
}

/// A clock that tests set.
private final class SettableClock: ClusterClock {
    private let time = Mutex(Date(microsecondsSince1970: 1_795_332_791_014_828))

    func now() -> Date { time.withLock { $0 } }
    func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// Every tool but `nobody`, without configs.
private struct MemoryTools: ToolConfigStore {
    func read(_ tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? { nil }
    func write(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ClusterFailure) -> ConfigWrite { throw .absent }
    func remove(_ tool: ToolName, if precondition: ConfigPrecondition) async throws(ClusterFailure) -> ConfigRemoval {
        .absent
    }
    func toolExists(_ tool: ToolName) async throws(ClusterFailure) -> Bool { tool.value != "nobody" }
    func checkReadiness() async throws(ClusterFailure) {}
}

/// The facts of tokens in memory, with conflicts and failures on demand; it counts what was accepted, too.
private final class MemoryTokens: DeployTokenStore, DeployTokenObserver {
    private struct State {
        var stored: [ToolName: StoredDeployToken] = [:]
        var versions = 0
        var conflicts = 0
        var failure: ClusterFailure?
        var reads = 0
        var accepted: [String] = []
    }

    private let state = Mutex(State())

    var conflicts: Int {
        get { state.withLock { $0.conflicts } }
        set { state.withLock { $0.conflicts = newValue } }
    }
    var failure: ClusterFailure? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }
    var reads: Int { state.withLock { $0.reads } }
    var accepted: [String] { state.withLock { $0.accepted } }

    func tokenAccepted(keyID: String) { state.withLock { $0.accepted.append(keyID) } }

    func copy(from tool: ToolName, to other: ToolName) {
        state.withLock { $0.stored[other] = $0.stored[tool] }
    }

    func read(_ tool: ToolName) async throws(ClusterFailure) -> StoredDeployToken? {
        try state.withLock { (state) throws(ClusterFailure) in
            state.reads += 1
            if let failure = state.failure { throw failure }
            return state.stored[tool]
        }
    }

    func create(_ token: DeployToken, for tool: ToolName) async throws(ClusterFailure) {
        try state.withLock { (state) throws(ClusterFailure) in
            guard state.stored[tool] == nil else { throw .exists }
            state.versions += 1
            state.stored[tool] = StoredDeployToken(token: token, identity: "u", version: "\(state.versions)")
        }
    }

    func replace(_ stored: StoredDeployToken, by token: DeployToken, of tool: ToolName) async throws(ClusterFailure) {
        try change(stored, of: tool) { state in
            state.versions += 1
            state.stored[tool] = StoredDeployToken(token: token, identity: "u", version: "\(state.versions)")
        }
    }

    func remove(_ stored: StoredDeployToken, of tool: ToolName) async throws(ClusterFailure) {
        try change(stored, of: tool) { $0.stored[tool] = nil }
    }

    private func change(
        _ stored: StoredDeployToken, of tool: ToolName, _ change: (inout State) -> Void
    ) throws(ClusterFailure) {
        try state.withLock { (state) throws(ClusterFailure) in
            guard state.conflicts == 0 else {
                state.conflicts -= 1
                throw .conflict
            }
            guard state.stored[tool] == stored else { throw .conflict }
            change(&state)
        }
    }
}
