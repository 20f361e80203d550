import JSON
import Testing

@testable import Components

struct ConfigReaderTests {
    private func read(_ text: String) throws -> ConfigReader { ConfigReader(try JSONValue(parsing: Array(text.utf8))) }

    private func problems(_ text: String) throws -> [String] {
        try read(text).problems.map { "\($0.path): \($0.message)" }
    }

    private func config(_ name: String) -> JSONValue {
        let component: JSONValue = ["build": ["repository": "https://example.org/r"]]
        return ["components": .object(JSONObject([(name, component)]))]
    }

    @Test func readsTheFieldsFirstConfig() throws {
        let reader = try read(
            """
            {"config-version": "v0.1", "components": {"toolhunt-ui": {"build":
              {"repository": "https://github.com/wikimedia/toolhunt-ui"}}}}
            """)
        #expect(
            reader.config
                == ToolConfig(components: [
                    Component(
                        name: "toolhunt-ui",
                        source: .repository("https://github.com/wikimedia/toolhunt-ui", ref: nil))
                ]))
        #expect(reader.warnings.isEmpty)
    }

    @Test func ordersComponentsByNameAndFollowsReuse() throws {
        let reader = try read(
            """
            {"components": {"web": {"build": {"reuse_from": "api"}},
              "api": {"build": {"repository": "https://example.org/api.git", "ref": "v1"}}}}
            """)
        #expect(
            reader.config?.components == [
                Component(name: "api", source: .repository("https://example.org/api.git", ref: "v1")),
                Component(name: "web", source: .reuse(of: "api")),
            ])
    }

    @Test func reportsEveryMistakeAtOnceWithItsPath() throws {
        let found = try read(
            """
            {"config_version": "v9", "components": {
              "Web": {"build": {"repository": "https://example.org/r"}},
              "a": {"build": {"repository": "ftp://x", "ref": "-x"}},
              "b": {}, "c": [], "d": {"build": {}},
              "e": {"build": {"reuse_from": "nobody"}},
              "f": {"build": {"repository": "https://example.org/r", "reuse_from": "a"}},
              "g": {"build": {"repository": 7}}}}
            """
        ).problems.map(\.path)
        #expect(
            found == [
                "config_version", "components.Web", "components.a.build.repository", "components.a.build.ref",
                "components.b.build", "components.c", "components.d.build.repository",
                "components.f.build.reuse_from", "components.g.build.repository", "components.e.build.reuse_from",
            ])
    }

    @Test(arguments: [
        #"[]"#, #"{}"#, #""x""#, #"{"components": {}}"#, #"{"components": null}"#, #"{"components": []}"#,
    ])
    func refusesWhatHoldsNoComponents(_ text: String) throws {
        let reader = try read(text)
        #expect(reader.config == nil)
        #expect(reader.problems.count == 1)
    }

    @Test func allows100ComponentsAndRefuses101() throws {
        func config(_ count: Int) -> JSONValue {
            let components = (0..<count).map { index -> (String, JSONValue) in
                ("c\(index)", ["build": ["repository": "https://example.org/r"]])
            }
            return ["components": .object(JSONObject(components))]
        }
        #expect(ConfigReader(config(100)).config?.components.count == 100)
        #expect(ConfigReader(config(101)).problems.map(\.path) == ["components"])
    }

    @Test(arguments: ["a", "a-b", "9", String(repeating: "x", count: 40)])
    func acceptsLabelsOfUpTo40CharactersAsNames(_ name: String) throws {
        #expect(ConfigReader(config(name)).config != nil)
    }

    @Test(arguments: ["", "-a", "a-", "A", "a_b", "a.b", "é", String(repeating: "x", count: 41)])
    func refusesOtherNames(_ name: String) throws {
        #expect(ConfigReader(config(name)).problems.count == 1)
    }

    @Test func reuseMustNameAComponentThatBuildsItself() throws {
        let found = try problems(
            """
            {"components": {"a": {"build": {"reuse_from": "a"}}, "b": {"build": {"reuse_from": "c"}},
              "c": {"build": {"reuse_from": "d"}}, "d": {"build": {"repository": "https://example.org/r"}}}}
            """)
        #expect(found.count == 2)
        #expect(found.first?.hasPrefix("components.a.build.reuse_from: ") == true)
        #expect(found.last?.hasPrefix("components.b.build.reuse_from: ") == true)
    }

    @Test func warnsOfKeysThatHaveNoEffectAndKeepsThem() throws {
        let reader = try read(
            """
            {"extra": 1, "components": {"web": {"component_type": "continuous", "run": {"command": "x"}, "my key": 1,
              "build": {"repository": "https://example.org/r", "use_latest_versions": true, "speed": "fast"}}}}
            """)
        #expect(reader.config != nil)
        #expect(
            reader.warnings.map { $0.prefix { $0 != ":" } } == [
                "extra", "components.web.component_type", "components.web.run", #"components.web["my key"]"#,
                "components.web.build.use_latest_versions", "components.web.build.speed",
            ])
    }

    @Test(arguments: [
        (#"{"config-version": "v1beta1"}"#, "config-version"), (#"{"config_version": "v0.1"}"#, "config_version"),
        (#"{"config-version": 0.1}"#, "config-version"),
        (#"{"config-version": "v0.1", "config_version": "v1beta1"}"#, "config_version"),
    ])
    func namesTheKnownVersionsForAnyOther(_ text: String, path: String) throws {
        var document = try #require(try JSONValue(parsing: Array(text.utf8)).objectValue)
        document["components"] = ["web": ["build": ["repository": "https://example.org/r"]]]
        let reader = ConfigReader(.object(document))
        #expect(reader.problems.map(\.path) == [path])
    }
}
