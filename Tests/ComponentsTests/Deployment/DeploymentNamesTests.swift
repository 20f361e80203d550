import Foundation
import Testing

@testable import Components

struct DeploymentNamesTests {
    private static let longest = String(repeating: "a", count: 58)

    @Test func deploymentIDsCarryToolUTCTimeMicrosecondsAndChance() throws {
        let tool = try #require(ToolName("demo"))
        let now = Date(timeIntervalSince1970: 1_795_342_500.000_042)
        #expect(
            DeploymentNames.deployment(of: tool, at: now, random: 48_213) == "demo-deploy-20261122-101500-00004248213")
        #expect(DeploymentNames.deployment(of: tool, at: now, random: 4_200_000_007).hasSuffix("-00004200007"))
    }

    @Test(arguments: ["a", "demo", "a-b", longest])
    func everyToolsDeploymentIDIsAKubernetesNameOfThatTool(_ name: String) throws {
        let tool = try #require(ToolName(name))
        let id = DeploymentNames.deployment(of: tool, at: Date(timeIntervalSince1970: 1), random: 1)
        #expect(id.utf8.count <= 253)
        #expect(DeploymentNames.isDeployment(id, of: tool))
        #expect(try !DeploymentNames.isDeployment(id, of: #require(ToolName("other"))))
    }

    @Test(arguments: [
        "", "demo-deploy-", "demo-config", "demo-deploy-../x", "demo-deploy-A", "demo-deploy-x/status", "x",
    ])
    func otherTextIsNoDeploymentID(_ text: String) throws {
        #expect(try !DeploymentNames.isDeployment(text, of: #require(ToolName("demo"))))
    }

    @Test(arguments: ["a", "demo", longest, String(repeating: "a", count: 26) + "-b"])
    func buildNamesFitALabelAndBeginWithTheTool(_ name: String) throws {
        let tool = try #require(ToolName(name))
        let id = DeploymentNames.build(of: "web", deployment: DeploymentIdentity(id: "\(name)-deploy-x", tool: tool))
        #expect(id.utf8.count <= 63)
        #expect(!id.contains("--buildpacks"))
        #expect(
            id.hasPrefix(name.count <= 27 && !name.hasSuffix("-") ? "\(name)-buildpacks-pipelinerun-" : name.prefix(26))
        )
        #expect(id.wholeMatch(of: /[a-z0-9-]+-buildpacks-pipelinerun-[0-9a-f]{12}/) != nil)
    }

    @Test func aNonceMakesOtherBuildNames() throws {
        let identity = DeploymentIdentity(id: "demo-deploy-key-1", tool: try #require(ToolName("demo")))
        let names = [nil, "1", "2"].map { DeploymentNames.build(of: "web", deployment: identity, nonce: $0) }
        #expect(Set(names).count == 3)
        #expect(names[1] == DeploymentNames.build(of: "web", deployment: identity, nonce: "1"))
    }

    @Test func buildNamesAreAFunctionOfDeploymentAndComponent() throws {
        let tool = try #require(ToolName("demo"))
        let one = DeploymentIdentity(id: "demo-deploy-1", tool: tool)
        let two = DeploymentIdentity(id: "demo-deploy-2", tool: tool)
        #expect(DeploymentNames.build(of: "web", deployment: one) == DeploymentNames.build(of: "web", deployment: one))
        #expect(DeploymentNames.build(of: "web", deployment: one) != DeploymentNames.build(of: "web", deployment: two))
        #expect(DeploymentNames.build(of: "web", deployment: one) != DeploymentNames.build(of: "api", deployment: one))
    }
}
