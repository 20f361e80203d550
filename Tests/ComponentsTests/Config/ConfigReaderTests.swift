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
        #"{"components": 7}"#,
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

    @Test func checksNoMoreComponentsAndVariablesThanMayBe() {
        func reader(_ components: Int, _ variables: Int) -> ConfigReader {
            let names = (0..<variables).map { index -> (String, JSONValue) in ("v\(index)", "x") }
            let build: JSONValue = ["repository": "https://example.org/r", "envvars": .object(JSONObject(names))]
            let members = (0..<components).map { index -> (String, JSONValue) in ("c\(index)", ["build": build]) }
            return ConfigReader(["components": .object(JSONObject(members))])
        }
        #expect(reader(3_000, 1).problems.count == 101)
        #expect(reader(1, 3_000).problems.count == 51)
        #expect(reader(3_000, 1).problems.first?.message.hasSuffix("only the first 100 were checked") == true)
        #expect(reader(1, 3_000).problems.first?.message.hasSuffix("only the first 50 were checked") == true)
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
                "components.web.build.speed",
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

    private func message(_ text: String) throws -> String { try #require(try problems(text).first) }

    @Test func nullIsReadAsAnAbsentKey() throws {
        let reader = try read(
            """
            {"config-version": null, "config_version": null, "components": {
              "api": {"component_type": null, "run": null, "build": {"repository": "https://example.org/r", "ref": null,
                "reuse_from": null, "use_latest_versions": null}},
              "web": {"build": {"repository": null, "ref": null, "reuse_from": "api"}}}}
            """)
        #expect(
            reader.config?.components == [
                Component(name: "api", source: .repository("https://example.org/r", ref: nil)),
                Component(name: "web", source: .reuse(of: "api")),
            ])
        #expect(reader.warnings.isEmpty)
        for absent in [
            #"{"config-version": null, "config_version": "v1beta1", "components": {"a": {"build": null}}}"#,
            #"{"components": {"a": {"build": {"repository": null}}}}"#, #"{"components": null}"#,
        ] {
            #expect(try message(absent).contains("is required"))
        }
    }

    @Test(arguments: [
        (
            #"{"components": {"web": {"bulid": {}}}}"#,
            "components.web.build: is required: a mapping with the key repository; "
                + #"not known here: "bulid" (did you mean build?)"#
        ),
        (#"{"component": {"web": {}}}"#, #"not known here: "component" (did you mean components?)"#),
        (#"{"components": {"web": {"build": {"repo": "x"}}}}"#, #""repo" (did you mean repository?)"#),
        (#"{"components": {"web": {"build": {"Repository": "x"}}}}"#, #""Repository" (did you mean repository?)"#),
        (#"{"components": {"web": {"build": {"reuse-from": "x"}}}}"#, #""reuse-from" (did you mean reuse_from?)"#),
        (
            #"{"components": {"web": {"build": {"source_url": "x", "branch": "y"}}}}"#,
            #""source_url" (did you mean repository?), "branch" (did you mean ref?)"#
        ),
        (
            #"{"components": {"web": {"repository": "x", "ref": "y"}}}"#,
            #""repository" (it belongs under build), "ref" (it belongs under build)"#
        ),
        (
            #"{"components": {"daily": {"component_type": "scheduled", "schedule": "x", "command": "y"}}}"#,
            #""schedule" (it belongs under run)"#
        ),
        (#"{"components": {"web": {"v": 1, "w": 2, "x": 3, "y": 4, "z": 5}}}"#, #""v", "w", "x" and 2 more"#),
        (
            #"{"components": {"web": {"build": {"use_prebuilt": "python3.11"}}}}"#,
            #"(or give reuse_from); not known here: "use_prebuilt""#
        ),
        (
            #"{"web": {"build": {"repository": "https://example.org/r"}}}"#,
            #"from the name of each component to its build; put "web" under it"#
        ),
        (
            "{\"components\": null, \"\u{A0}\u{A0}web\": {}}",
            "it holds U+00A0 (no-break space): indent with ordinary spaces"
        ),
        (
            "{\"components\": {\"web\": {\"build\u{200B}\": {}}}}", "it holds U+200B (zero width space): remove it"
        ),
    ])
    func namesTheUnknownKeysBesideOneThatIsMissing(_ text: String, _ words: String) throws {
        let message = try message(text)
        #expect(message.contains(words), "\(message)")
    }

    @Test(arguments: [
        ("bulid", "build"), ("bild", "build"), ("builds", "build"), ("biuld", "build"), ("Build", "build"),
        ("run_", "run"), ("rum", "run"), ("componenttype", "component_type"), ("componentType", "component_type"),
        ("stage", nil), ("art", nil), ("", nil), ("builder-image", nil),
    ])
    func warnsWithTheKnownKeyThatIsNearest(_ key: String, _ meant: String?) throws {
        var entry: JSONObject = ["build": ["repository": "https://example.org/r"]]
        entry[key] = 1
        let warnings = ConfigReader(["components": ["web": .object(entry)]]).warnings
        let warning = try #require(warnings.first)
        #expect(warning.contains("did you mean") == (meant != nil), "\(warning)")
        if let meant { #expect(warning.contains("(did you mean \(meant)?), and has no effect")) }
    }

    @Test func warningsStandBesideProblems() throws {
        let reader = try read(#"{"components": {"web": {"bulid": {}}}}"#)
        #expect(reader.problems.count == 1)
        #expect(reader.warnings.count == 1)
        #expect(reader.warnings.first?.hasPrefix("components.web.bulid: ") == true)
        // Nothing is stored when there is a problem.
        #expect(reader.warnings.first?.contains("stored") == false)
    }

    @Test(arguments: [
        ("58467965", #"must be a string, not the number 58467965: put it in quotes, "58467965""#),
        ("1.0", #"must be a string, not the number 1.0: put it in quotes, "1.0""#),
        ("true", #"must be a string, not true: put it in quotes, "true""#),
        (#"["main"]"#, "must be a string, not a list"),
    ])
    func showsAValueThatNeedsQuotes(_ ref: String, _ words: String) throws {
        let build = "{\"repository\": \"https://example.org/r\", \"ref\": \(ref)}"
        let message = try message("{\"components\": {\"web\": {\"build\": \(build)}}}")
        #expect(message == "components.web.build.ref: \(words)")
    }

    @Test func showsANumberAsItsAuthorWroteIt() throws {
        let ref = JSONValue.number(try #require(JSONNumber("123456", written: "0123456")))
        let build: JSONValue = ["repository": "https://example.org/r", "ref": ref]
        let problems = ConfigReader(["components": ["web": ["build": build]]]).problems
        #expect(problems.first?.message.hasSuffix(#"put it in quotes, "0123456""#) == true)
    }

    @Test func warnsOfNumbersThatLoseTheirText() throws {
        let run: JSONValue = [
            "python": .number(try #require(JSONNumber("3.10"))), "port": 8000,
            "modes": [8, .number(try #require(JSONNumber("777", written: "0777")))],
        ]
        let web: JSONValue = ["build": ["repository": "https://example.org/r"], "run": run]
        let reader = ConfigReader([
            "components": ["web": web], "threshold": .number(try #require(JSONNumber("1.0"))),
        ])
        #expect(reader.config != nil)
        #expect(
            reader.warnings.filter { $0.contains("is a number") } == [
                "components.web.run.python: 3.10 is a number, the same as 3.1; put it in quotes to keep the text",
                "components.web.run.modes[1]: 0777 is a number, the same as 777; put it in quotes to keep the text",
                "threshold: 1.0 is a number, the same as 1; put it in quotes to keep the text",
            ])
    }

    @Test func warnsOfManyNumbersInFewSentences() throws {
        let numbers = Array(repeating: "1.0", count: 9_000).joined(separator: ",")
        let warnings = try read("{\"x\": [\(numbers)]}").warnings
        #expect(warnings.count == 22)
        #expect(warnings.last?.contains("8980 more numbers") == true)
    }

    @Test func warnsOfAPageThatIsNoRepository() throws {
        let reader = try read(
            #"{"components": {"web": {"build": {"repository": "https://github.com/user/tool/tree/main"}}}}"#)
        #expect(reader.config != nil)
        #expect(reader.warnings.count == 1)
        #expect(reader.warnings.first?.contains("repository: https://github.com/user/tool, ref: main") == true)
    }

    @Test(arguments: [("Web_App", ": write web-app"), ("my tool", ": write my-tool"), ("-", "letter or digit")])
    func saysWhichNameWouldDo(_ name: String, _ words: String) {
        #expect(ConfigReader(config(name)).problems.first?.message.hasSuffix(words) == true)
    }

    @Test func saysWhichComponentWasMeant() throws {
        let found = try message(
            """
            {"components": {"api": {"build": {"reuse_from": "wbe"}},
              "web": {"build": {"repository": "https://example.org/r"}}}}
            """)
        #expect(found.hasSuffix("(did you mean web?)"))
    }

    @Test func aHostileKeyGivesAShortWarning() throws {
        let key = String(repeating: "a", count: 100_000)
        let warnings = try read("{\"\(key)\": 1, \"\(key)b\": 2}").warnings
        #expect(warnings.count == 2)
        #expect(warnings.allSatisfy { $0.utf8.count < 300 })
    }
}
