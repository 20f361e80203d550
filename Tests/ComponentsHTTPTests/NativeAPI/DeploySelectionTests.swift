import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// `POST /deploy` with refs.
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

    @Test func whatDoesNotFitTheConfigIs422() async throws {
        let (response, _) = await exchange(
            APIRequest(.post, deploy), script: .failing(.optionsInvalid(["first thing.", "second thing."])))
        #expect(response.head.status == .unprocessableContent)
        #expect(try response.errors() == ["first thing.", "second thing."])
    }
}
