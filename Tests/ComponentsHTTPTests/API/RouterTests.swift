import Testing

@testable import ComponentsHTTP

struct RouterTests {
    /// A router that leads each template to itself.
    private func router(_ templates: [PathTemplate]) throws -> Router<String> {
        var router = Router<String>()
        for template in templates {
            let isNew = router.add(template, template.description)
            try #require(isNew)
        }
        return router
    }

    private func match(_ router: Router<String>, _ target: String) throws -> (String, [String])? {
        router.match(try RequestPath(target: target))
    }

    @Test func parametersTakeOneWholeSegment() throws {
        let router = try router(["/tool/{tool}/config", "/tool/{tool}/deploy/{id}"])
        let found = try #require(try match(router, "/tool/a%20b/deploy/x"))
        #expect(found == ("/tool/{tool}/deploy/{id}", ["a b", "x"]))
        for target in ["/tool/config", "/tool/a/deploy", "/tool/a/b/config", "/", "/tool/a/deploy/x/y"] {
            #expect(try match(router, target) == nil)
        }
    }

    @Test func literalSegmentsWinOverParameters() throws {
        let router = try router(["/deploy/{id}", "/deploy/latest", "/deploy/{id}/log"])
        #expect(try #require(try match(router, "/deploy/latest")) == ("/deploy/latest", []))
        #expect(try #require(try match(router, "/deploy/later")) == ("/deploy/{id}", ["later"]))
        #expect(try #require(try match(router, "/deploy/latest/log")) == ("/deploy/{id}/log", ["latest"]))
    }

    @Test func nothingIsLeftOfAnAttemptThatFailed() throws {
        let router = try router(["/{a}/x/y", "/{a}/{b}/z"])
        #expect(try #require(try match(router, "/1/x/z")) == ("/{a}/{b}/z", ["1", "x"]))
        #expect(try match(router, "/1/x/w") == nil)
    }

    @Test func bytesAreCompared() throws {
        // K (KELVIN SIGN) is canonically equivalent to K, and equal to it for Swift.
        let router = try router(["/K"])
        #expect(try match(router, "/%E2%84%AA") == nil)
        #expect(try match(router, "/k") == nil)
        #expect(try match(router, "/%4B") != nil)
    }

    @Test func templateThatDiffersOnlyInNamesCannotBeAdded() throws {
        var router = try router(["/tool/{tool}"])
        let isNew = router.add("/tool/{name}", "again")
        #expect(!isNew)
        #expect(try #require(try match(router, "/tool/a")) == ("/tool/{tool}", ["a"]))
    }
}
