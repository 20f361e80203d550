import Foundation
import TestSupport
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

    private static func build(of name: String) throws -> String {
        let tool = try #require(ToolName(name))
        return DeploymentNames.build(of: "web", deployment: DeploymentIdentity(id: "\(name)-deploy-x", tool: tool))
    }

    @Test(arguments: [
        ("a", "a"), ("demo", "demo"), (String(repeating: "a", count: 27), String(repeating: "a", count: 27)),
        (longest, String(repeating: "a", count: 26) + "-"),
        (String(repeating: "a", count: 25) + "-bcd", String(repeating: "a", count: 25) + "--"),
    ])
    func buildNamesFitALabelAndBeginWithTheTool(_ name: String, _ prefix: String) throws {
        let id = try Self.build(of: name)
        #expect(id.utf8.count <= 63)
        #expect(id.wholeMatch(of: /[a-z0-9-]+-buildpacks-pipelinerun-[0-9a-f]{12}/) != nil)
        #expect(id.dropLast(12) == "\(prefix)-buildpacks-pipelinerun-")
    }

    /// builds-api lets a tool act on every run whose name begins with `<tool>-buildpacks-pipelinerun-`.
    @Test func noToolMayActOnTheBuildsOfAnother() throws {
        var random = SeededRandom(seed: 27)
        let letters = Array("ab-")
        func name(_ length: Int) -> String {
            let middle = (0..<max(0, length - 2)).map { _ in letters.randomElement(using: &random) ?? "a" }
            return "a" + String(middle) + (length > 1 ? "b" : "")
        }
        for _ in 0..<20_000 {
            let victim = name(Int.random(in: 1...ToolName.maximumLength, using: &random))
            let id = try Self.build(of: victim)
            // Every part of the build's name that may be the name of a tool, and a name that has nothing to do with it.
            var others = [name(Int.random(in: 1...30, using: &random))]
            others += (1...id.count).map { String(id.prefix($0)) }.filter { ToolName($0) != nil }
            for other in others where other != victim {
                #expect(!id.hasPrefix("\(other)-buildpacks-pipelinerun-"), "\(other) may act on a build of \(victim)")
            }
        }
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
