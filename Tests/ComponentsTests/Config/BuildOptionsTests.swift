import JSON
import Testing

@testable import Components

/// What a config says of how a component is built.
struct BuildOptionsTests {
    private static let secret = "hunter2-hunter2"

    private func reader(_ build: String) throws -> ConfigReader {
        let text = #"{"components": {"web": {"build": \#(build)}}}"#
        return ConfigReader(try JSONValue(parsing: Array(text.utf8)))
    }

    private func options(_ build: String) throws -> BuildOptions {
        BuildOptions(build: try JSONValue(parsing: Array(build.utf8)))
    }

    @Test(arguments: [
        ("{}", BuildOptions.Versions.current), (#"{"use_latest_versions": true}"#, .latest),
        (#"{"use_deprecated_versions": true}"#, .deprecated),
        (#"{"use_latest_versions": false, "use_deprecated_versions": null}"#, .current),
    ])
    func theConfigChoosesTheVersions(_ build: String, versions: BuildOptions.Versions) throws {
        #expect(try options(build).versions == versions)
        #expect(try options(build).environment.isEmpty)
    }

    @Test func variablesKeepTheirOrderAndTheirValues() throws {
        let options = try options(#"{"envvars": {"ZZ_TOP": "a=b $HOME", "AAAA": ""}}"#)
        #expect(options.environment.map(\.name) == ["ZZ_TOP", "AAAA"])
        #expect(options.environment.map(\.value) == ["a=b $HOME", ""])
        let config: JSONValue = ["components": ["web": ["build": ["envvars": ["NAME": "x"]]]]]
        #expect(BuildOptions(of: "web", in: config).environment == [EnvironmentVariable(name: "NAME", value: "x")])
        #expect(BuildOptions(of: "api", in: config) == BuildOptions())
        #expect(BuildOptions(of: "web", in: .null) == BuildOptions())
    }

    @Test(
        arguments: [
            (#"{"repository": "https://example.org/r", "envvars": {"NODE_ENV": "production"}}"#, []),
            (#"{"repository": "https://example.org/r", "envvars": null, "use_latest_versions": true}"#, []),
            (#"{"repository": "https://example.org/r", "envvars": []}"#, ["envvars"]),
            (
                #"{"repository": "https://example.org/r", "envvars": {"A_B": "x", "lower": "x", "END_": "x", "1ABC": "x"}}"#,
                ["envvars.A_B", "envvars.lower", "envvars.END_", "envvars.1ABC"]
            ),
            (
                #"{"repository": "https://example.org/r", "envvars": {"PORT": 8080, "FLAG": true, "NONE": null}}"#,
                ["envvars.PORT", "envvars.FLAG", "envvars.NONE"]
            ),
            (
                #"{"repository": "https://example.org/r", "envvars": {"SOME": "a $(params.X)", "NULL": "\u0000"}}"#,
                ["envvars.SOME", "envvars.NULL"]
            ),
            (#"{"repository": "https://example.org/r", "use_latest_versions": "yes"}"#, ["use_latest_versions"]),
            (
                #"{"repository": "https://example.org/r", "use_latest_versions": true, "use_deprecated_versions": true}"#,
                ["use_deprecated_versions"]
            ),
        ] as [(String, [String])])
    func everyMistakeIsNamed(_ build: String, paths: [String]) throws {
        #expect(try reader(build).problems.map(\.path) == paths.map { "components.web.build.\($0)" })
    }

    @Test func limitsAreKept() throws {
        func build(_ count: Int, _ length: Int) -> String {
            let variables = (0..<count).map { #""V_\#($0)_X": "\#(String(repeating: "v", count: length))""# }
            return #"{"repository": "https://example.org/r", "envvars": {\#(variables.joined(separator: ","))}}"#
        }
        #expect(try reader(build(50, 4_096)).problems.isEmpty)
        #expect(try reader(build(51, 1)).problems.map(\.path) == ["components.web.build.envvars"])
        #expect(try reader(build(1, 4_097)).problems.map(\.path) == ["components.web.build.envvars.V_0_X"])
    }

    @Test(
        arguments: [
            (#"{"reuse_from": "api", "envvars": {"NAME": "x"}}"#, ["envvars"]),
            (#"{"reuse_from": "api", "use_latest_versions": true}"#, ["use_latest_versions"]),
            (#"{"reuse_from": "api", "use_latest_versions": false, "envvars": null}"#, []),
        ] as [(String, [String])])
    func whatIsReusedIsNotBuiltOtherwise(_ build: String, paths: [String]) throws {
        let text = #"""
            {"components": {"api": {"build": {"repository": "https://example.org/r"}}, "web": {"build": \#(build)}}}
            """#
        let reader = ConfigReader(try JSONValue(parsing: Array(text.utf8)))
        #expect(reader.problems.map(\.path) == paths.map { "components.web.build.\($0)" })
    }

    @Test func noMessageAndNoDescriptionShowsAValue() throws {
        let mistakes =
            #"{"envvars": {"x": "\#(Self.secret)", "NAME": "\#(Self.secret)$(", "LONG": [1, "\#(Self.secret)"]}}"#
        let reader = try reader(mistakes)
        #expect(!reader.problems.isEmpty)
        for problem in reader.problems { #expect(!problem.message.contains(Self.secret)) }
        for warning in reader.warnings { #expect(!warning.contains(Self.secret)) }
        let build = PlannedBuild(
            component: "web", id: "id", repository: "https://example.org/r", ref: nil,
            options: try options(#"{"envvars": {"NAME": "\#(Self.secret)"}}"#))
        var dumped = ""
        dump(build, to: &dumped)
        for text in ["\(build)", String(reflecting: build), dumped] {
            #expect(text.contains("NAME"))
            #expect(!text.contains(Self.secret))
        }
    }

    @Test func whatOthersSayIsShownWithoutTheValues() throws {
        let options = try options(#"{"envvars": {"SHORT": "abc", "LONG": "\#(Self.secret)", "PART": "hunter2"}}"#)
        #expect(options.concealed("abc \(Self.secret) hunter2 x") == "abc ••• ••• x")
    }

    @Test func theGrammarsPatternSaysWhatTheReaderDoes() throws {
        let pattern = try Regex(EnvironmentVariable.namePattern)
        for name in ["ABCD", "A_B2", "ABC", "abcd", "ABC_", "_ABC", "1ABC", "A__B", "ÄBCD", "ABCD\n", ""] {
            #expect((name.wholeMatch(of: pattern) != nil) == EnvironmentVariable.isName(name), "\(name)")
        }
    }
}
