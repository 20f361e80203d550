import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// `POST /deploy` with refs, and what only asks what would be done.
struct DeploySelectionTests {
    private let deploy = "/api/v1/tool/demo/deploy"

    @Test(
        arguments: [
            (#"{"ref": "v1"}"#, .ref("v1")),
            (#"{"refs": {"web": "v1", "api": "main"}}"#, .refs(["web": "v1", "api": "main"])),
            (#"{"refs": {}}"#, .config), (#"{"from": "demo-deploy-1"}"#, .deployment("demo-deploy-1")),
        ] as [(String, DeploymentOptions.Selection)])
    func whatIsToBeBuiltIsHandedOn(_ body: String, _ selection: DeploymentOptions.Selection) async throws {
        let (response, calls) = await exchange(APIRequest(.post, deploy, body: body))
        #expect(response.head.status == .created)
        let order = DeploymentOrder(options: DeploymentOptions(selection: selection))
        #expect(calls == [.deploy(try ToolName(known: "demo"), order)])
    }

    @Test(arguments: [
        (#"{"ref": 1}"#, "ref must be"), (#"{"ref": null}"#, "ref must be"), (#"{"refs": ["v1"]}"#, "refs must be"),
        (#"{"refs": {"web": 1}}"#, #"refs."web" must be"#), (#"{"from": {}}"#, "from must be"),
        (#"{"from": "d", "ref": "v1"}"#, "from and ref stand beside each other"),
        (#"{"refs": {}, "from": "d"}"#, "refs and from stand beside each other"),
        (#"{"ref": "v1", "refs": {"web": "v1"}}"#, "ref and refs stand beside each other"),
    ])
    func whatCannotBeMeantIs422(_ body: String, _ words: String) async throws {
        let (response, calls) = await exchange(APIRequest(.post, deploy, body: body))
        #expect(response.head.status == .unprocessableContent)
        #expect(try response.errors().first?.contains(words) == true)
        #expect(calls.isEmpty)
    }

    @Test func aPartIsHandedOnInOneOrder() async throws {
        for body in [#"{"components": ["web", "api"]}"#, #"{"components": ["api", "web"], "refs": {}}"#] {
            let (response, calls) = await exchange(APIRequest(.post, deploy, body: body))
            #expect(response.head.status == .created)
            let order = DeploymentOrder(options: DeploymentOptions(components: ["api", "web"]))
            #expect(calls == [.deploy(try ToolName(known: "demo"), order)])
        }
    }

    @Test(arguments: [
        ("[]", "a list of 1 to 100 names"), (#""web""#, "a list of 1 to 100 names"),
        ("null", "a list of 1 to 100 names"),
        (#"["web", "web"]"#, #"names "web" twice"#), (#"["web", 1]"#, "components[1] must be the name"),
        ("[\((1...101).map { "\"c\($0)\"" }.joined(separator: ","))]", "a list of 1 to 100 names"),
    ])
    func whatIsNoPartIs422(_ components: String, _ words: String) async throws {
        let (response, calls) = await exchange(APIRequest(.post, deploy, body: "{\"components\": \(components)}"))
        #expect(response.head.status == .unprocessableContent)
        #expect(try response.errors().first?.contains(words) == true)
        #expect(calls.isEmpty)
    }

    @Test func theFieldsClientsHaveNoWordForAPart() async throws {
        let (response, calls) = await exchange(
            APIRequest(.post, "/v1/tool/demo/deployment", body: #"{"components": ["web"]}"#))
        #expect(response.head.status == .unprocessableContent)
        #expect(try response.errors().first?.contains("the options are overlap, description") == true)
        #expect(calls.isEmpty)
    }

    @Test func aDeploymentOfAPartSaysSo() throws {
        let deployment = Deployment(
            id: "d", createdAt: Deployment.example.createdAt, builds: [],
            options: DeploymentOptions(components: ["api", "web"]))
        #expect(DeploymentView(deployment: deployment).json["components"] == ["api", "web"])
        #expect(DeploymentView(deployment: .example).json["components"] == nil)
    }

    @Test func whatDoesNotFitTheConfigIs422() async throws {
        let problems = ["first thing.", "second thing."].map { OptionProblem($0) }
        let (response, _) = await exchange(APIRequest(.post, deploy), script: .failing(.optionsInvalid(problems)))
        #expect(response.head.status == .unprocessableContent)
        #expect(try response.errors() == ["first thing.", "second thing."])
    }

    @Test func aDryRunSaysWhatWouldBeDone() async throws {
        let plan = DeploymentPlan(
            components: [
                PlannedComponent(
                    name: "api", action: .build, why: "it has moved", ref: "main", commit: "b2",
                    was: .init(commit: "b1", build: "demo-buildpacks-pipelinerun-a")),
                PlannedComponent(name: "job", action: .reuse(of: "api"), why: "it takes the image of api"),
                PlannedComponent(name: "web", action: .fail(.refNotFound), why: "no branch x", ref: "x"),
            ],
            overlap: .reject, overlapping: ["demo-deploy-2"], removed: ["demo-deploy-1"], replayed: "demo-deploy-key-0",
            warnings: ["mind this"])
        let (response, calls) = await exchange(
            APIRequest(.post, "\(deploy)?dry-run=true", body: #"{"overlap": "reject"}"#), script: .init(plan: plan))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.location] == nil)
        #expect(
            calls == [
                .plan(try ToolName(known: "demo"), DeploymentOrder(options: DeploymentOptions(overlap: .reject)))
            ])
        let data = try #require(try response.json()["data"])
        #expect(
            data == [
                "components": [
                    "api": [
                        "action": "build", "why": "it has moved", "ref": "main", "commit": "b2",
                        "was": ["build": "demo-buildpacks-pipelinerun-a", "commit": "b1"],
                    ],
                    "job": ["action": "reuse", "reuse-from": "api", "why": "it takes the image of api"],
                    "web": ["action": "fail", "reason": "RefNotFound", "why": "no branch x", "ref": "x"],
                ],
                "overlap": "reject", "overlaps-with": ["demo-deploy-2"], "would-remove": ["demo-deploy-1"],
            ])
        #expect(try response.messages("info").first?.contains("nothing is stored or started") == true)
        let warnings = try response.messages("warning")
        #expect(warnings.count == 3)
        #expect(warnings.first == "mind this")
    }

    @Test func aDryRunOfAConfigStoresNothing() async throws {
        let body = #"{"components": {"web": {}}}"#
        let (response, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config?dry-run=true", fields: [.ifNoneMatch: "*"], body: body),
            script: .init(warnings: ["x: not known"]))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.eTag] == nil)
        let sent = try JSONValue(parsing: Array(body.utf8))
        #expect(calls == [.check(sent, try ToolName(known: "demo"), ConfigPrecondition(noneMatch: .any))])
        #expect(try response.json()["data"] == sent)
        #expect(try response.messages("info").first?.contains("nothing is stored") == true)
        #expect(try response.messages("warning") == ["x: not known"])
        let (refused, _) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config?dry-run=true", body: body),
            script: .failing(.configInvalid([ConfigProblem(path: "p", message: "m")], warnings: [])))
        #expect(refused.head.status == .unprocessableContent)
    }

    @Test(arguments: ["", "yes", "True", "1"])
    func aDryRunIsTrueOrFalse(_ value: String) async throws {
        let (response, calls) = await exchange(APIRequest(.post, "\(deploy)?dry-run=\(value)"))
        #expect(response.head.status == .badRequest)
        #expect(calls.isEmpty)
        let (started, _) = await exchange(APIRequest(.post, "\(deploy)?dry-run=false"))
        #expect(started.head.status == .created)
    }
}
