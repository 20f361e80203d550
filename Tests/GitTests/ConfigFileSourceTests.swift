import Components
import JSON
import Logging
import Testing

@testable import ComponentsServer
@testable import Git

/// What the rules are told of a config that is fetched.
struct ConfigFileSourceTests {
    private func fetch(_ text: String) async throws -> FetchedConfig {
        try await HTTPStub.run({ _ in StubResponse(body: Array(text.utf8)) }) { server in
            let rule = AddressRule(allowing: [try #require(AddressRange("127.0.0.0/8"))])
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            var limits = FileClient.Limits()
            limits.time = .seconds(60)
            return try await ConfigFileSource(client: FileClient(rule: rule, limits: limits, logger: logger))
                .fetch("\(server.url)/c")
        }
    }

    @Test(arguments: [
        "{\"components\": {\"web\": {}}}", "  {\n\t\"components\": {\"web\": {}}}", "components:\n  web: {}\n",
        "{components: {web: {}}}",
    ])
    func readsJSONAndYAML(_ text: String) async throws {
        let fetched = try await fetch(text)
        #expect(fetched.document == ["components": ["web": [:]]])
        #expect(fetched.bytes == Array(text.utf8))
    }

    @Test(arguments: ["components: [", "{\"components\": ", "a: 1\n---\nb: 2\n", "a: 1\na: 2\n", "\u{0}"])
    func whatIsNeitherIsAFailureWithItsPlace(_ text: String) async throws {
        let failure = try await #require(throws: ConfigSourceFailure.self) { try await fetch(text) }
        #expect(failure.reason.hasPrefix("it cannot be read as YAML or JSON: line "))
    }

    @Test func whatTheHostSaysIsTheReason() async throws {
        try await HTTPStub.run({ _ in StubResponse(status: 404) }) { server in
            let rule = AddressRule(allowing: [try #require(AddressRange("127.0.0.0/8"))])
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let source = ConfigFileSource(client: FileClient(rule: rule, logger: logger))
            let failure = try await #require(throws: ConfigSourceFailure.self) {
                try await source.fetch("\(server.url)/c")
            }
            #expect(failure.reason == "the host 127.0.0.1 has no file at this URL")
        }
    }
}
