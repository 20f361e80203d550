import Foundation
import Testing

@testable import Components

struct ListTests {
    private func ids(_ list: [ListedDeployment]) -> [String] {
        list.map { listed in
            switch listed {
            case .deployment(let deployment): deployment.id
            case .unreadable(let id): "unreadable \(id)"
            }
        }
    }

    @Test func listsTheNewestFirstWithOneCall() async throws {
        let fixture = try await ServiceFixture()
        var started: [String] = []
        for _ in 0..<5 { started.append(try await fixture.service().deploy(fixture.tool).deployment.id) }
        await fixture.world.configure { $0.journal = [] }
        #expect(ids(try await fixture.service().deployments(of: fixture.tool)) == started.reversed())
        #expect(await fixture.world.journal.map(\.description) == ["records"])
    }

    @Test func aLaterDeploymentIsNewerThoughItsReplicaReadsAnEarlierTime() async throws {
        let fixture = try await ServiceFixture()
        let first = try await fixture.service().deploy(fixture.tool).deployment.id
        await fixture.world.configure { $0.time.advance(by: -0.9) }
        let second = try await fixture.service().deploy(fixture.tool).deployment.id
        #expect(ids(try await fixture.service().deployments(of: fixture.tool)) == [second, first])
    }

    @Test func whatCannotBeReadIsNamedAndSpoilsNothing() async throws {
        let fixture = try await ServiceFixture()
        let first = try await fixture.service().deploy(fixture.tool).deployment
        let second = try await fixture.service().deploy(fixture.tool).deployment
        await fixture.world.configure { $0.unreadable = [second.id] }
        let list = try await fixture.service().deployments(of: fixture.tool)
        #expect(ids(list) == ["unreadable \(second.id)", first.id])
        #expect(list.last == .deployment(first))
    }

    @Test func emptyListIsThatOfAToolThatIsThere() async throws {
        let fixture = try await ServiceFixture()
        #expect(try await fixture.service().deployments(of: fixture.tool) == [])
        let other = try #require(ToolName("nobody"))
        await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(other))) {
            try await fixture.service().deployments(of: other)
        }
    }

    @Test func latestIsTheNewest() async throws {
        let fixture = try await ServiceFixture()
        _ = try await fixture.service().deploy(fixture.tool)
        let newest = try await fixture.service().deploy(fixture.tool).deployment
        #expect(try await fixture.service().latestDeploymentID(of: fixture.tool) == newest.id)
    }

    @Test func whatCannotBeReadSaysSoAndCanBeRemoved() async throws {
        let fixture = try await ServiceFixture()
        let id = try await fixture.service().deploy(fixture.tool).deployment.id
        await fixture.world.configure { $0.unreadable = [id] }
        await #expect {
            try await fixture.service().deployment(id, of: fixture.tool)
        } throws: { error in
            guard case ComponentsError.cluster(.unreadable, .deployment(let deployment)) = error else { return false }
            return deployment.id == id
        }
        let removed = try await fixture.service().removeDeployment(id, of: fixture.tool)
        #expect(removed.id == id)
        #expect(removed.builds.isEmpty)
        #expect(removed.phase == .failed)
        #expect(await fixture.world.records.isEmpty)
    }

    @Test func withoutADeploymentThereIsNoLatest() async throws {
        let fixture = try await ServiceFixture()
        await #expect(throws: ComponentsError.noDeployments(fixture.tool)) {
            try await fixture.service().latestDeploymentID(of: fixture.tool)
        }
    }
}
