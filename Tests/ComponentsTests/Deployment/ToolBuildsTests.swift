import Foundation
import Testing

@testable import Components

/// Which build of a component is its newest good one.
struct ToolBuildsTests {
    private static func build(_ name: String, _ deployment: String, at seconds: Double) -> GoodBuild {
        GoodBuild(
            build: name, deployment: deployment, requestedAt: Date(timeIntervalSince1970: seconds),
            source: BuildSource(repository: "https://example.org/r.git", ref: nil))
    }

    @Test func theBuildOfAnOlderDeploymentNeverTakesThePlaceOfANewerOnes() {
        var builds = ToolBuilds()
        let older = Self.build("b1", "d1", at: 1)
        let newer = Self.build("b2", "d2", at: 2)
        let change1 = builds.note(["web": newer])
        #expect(change1)
        let change2 = builds.note(["web": older])
        #expect(!change2)
        #expect(builds.components == ["web": newer])
        let change3 = builds.note(["api": older])
        #expect(change3)
        #expect(builds.components == ["web": newer, "api": older])
    }

    @Test func atTheSameMomentTheGreaterNameIsNewer() {
        var builds = ToolBuilds(["web": Self.build("b1", "d1", at: 1)])
        let change4 = builds.note(["web": Self.build("b2", "d2", at: 1)])
        #expect(change4)
        let change5 = builds.note(["web": Self.build("b1", "d1", at: 1)])
        #expect(!change5)
        #expect(builds.components["web"]?.build == "b2")
    }

    @Test func aRepeatChangesNothing() {
        var builds = ToolBuilds()
        let change6 = builds.note(["web": Self.build("b1", "d1", at: 1)])
        #expect(change6)
        let change7 = builds.note(["web": Self.build("b1", "d1", at: 1)])
        #expect(!change7)
    }

    @Test func theOldestGoWhereThereAreTooMany() {
        var builds = ToolBuilds()
        for number in 0...ToolBuilds.maximumCount {
            _ = builds.note(["c\(number)": Self.build("b", "d\(number)", at: Double(number))])
        }
        #expect(builds.components.count == ToolBuilds.maximumCount)
        #expect(builds.components["c0"] == nil)
        #expect(builds.components["c1"] != nil)
    }

    @Test func theDigestIsThatOfTheImage() {
        var build = Self.build("b", "d", at: 1)
        #expect(build.digest == nil)
        build.image = "registry:5000/tool-x/web:latest"
        #expect(build.digest == nil)
        build.image = "registry:5000/tool-x/web:latest@sha256:ab"
        #expect(build.digest == "sha256:ab")
    }

    @Test func aFingerprintIsOfNamesAndValuesInAnyOrder() {
        func print(_ variables: [(String, String)]) -> String {
            BuildOptions(environment: variables.map { EnvironmentVariable(name: $0.0, value: $0.1) }).fingerprint
        }
        #expect(print([]) == "")
        #expect(print([("AAAA", "1"), ("BBBB", "2")]) == print([("BBBB", "2"), ("AAAA", "1")]))
        #expect(print([("AAAA", "1")]).count == 64)
        #expect(print([("AAAA", "1")]) != print([("AAAA", "2")]))
        #expect(print([("AAAA", "1")]) != print([("AAAB", "1")]))
    }
}
