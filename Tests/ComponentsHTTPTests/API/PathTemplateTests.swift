import Components
import Testing

@testable import ComponentsHTTP

struct PathTemplateTests {
    @Test func parametersAreTheSegmentsInBraces() {
        let template: PathTemplate = "/api/v1/tool/{tool}/deploy/{deploy-id}"
        #expect(template.fault == nil)
        #expect(template.parameters == ["tool", "deploy-id"])
        #expect(template.description == "/api/v1/tool/{tool}/deploy/{deploy-id}")
    }

    @Test func valuesArePercentEncodedInAPath() {
        let template: PathTemplate = "/a/{b}/c/{d}"
        #expect(template.path(["b": "x y", "d": "d/é"]) == "/a/x%20y/c/d%2F%C3%A9")
        #expect(template.path(["b": "x"]) == "/a/x/c/{d}")
    }

    @Test(arguments: ["a", "", "/", "/a//b", "/a/", "/{}", "/{a}/b/{a}", "/a b", "/é", "/a{b}"])
    func templatesThatCouldNotBeMatchedHaveAFault(_ text: String) {
        #expect(PathTemplate(stringLiteral: text).fault != nil)
    }

    @Test func prefixesStandBeforePaths() throws {
        let tool = try ToolName(known: "demo")
        for good in ["", "/components", "/a/b-c_d.e~f"] {
            let prefix = try #require(URLPrefix(good))
            #expect(prefix.deployment("d/é", of: tool) == good + "/api/v1/tool/demo/deploy/d%2F%C3%A9")
        }
        for bad in ["/", "a", "/a/", "//a", "/a//b", "/a b", "/a?b", "/%61", "/é", "/.", "/a/..", "/a\n", "https://x"] {
            #expect(URLPrefix(bad) == nil)
        }
    }
}
