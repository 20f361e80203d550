import Components
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

/// What two watches make known, event by event.
@Suite struct EngineViewTests {
    private typealias Objects = WatchedObjects
    private let identity = WatchedObjects.identity
    private let build = WatchedObjects.build()
    private static let unreadable = KubernetesError(.invalidResponse, "no record")

    /// A view that knows one deployment that has not ended, at version 5.
    private var view: EngineView {
        var view = EngineView()
        _ = view.apply(.all(Objects.record(version: 5)))
        _ = view.apply(WatchEvent<WatchedRun>.all())
        return view
    }

    @Test func aListMakesAllItsDeploymentsKnownWithoutTheirConfigs() {
        var view = EngineView()
        let changed = view.apply(.all(Objects.record(version: 5), Objects.record(Objects.other, version: 6)))
        #expect(changed == [identity, Objects.other])
        #expect(Set(view.unfinished) == changed)
        #expect(view.record(of: identity)?.version == "5")
        #expect(view.record(of: identity)?.request.config == .null)
        #expect(view.record(of: identity)?.request.builds == [build])
    }

    @Test func aListForgetsWhatIsNotInIt() {
        var view = view
        #expect(view.apply(.all(Objects.record(Objects.other, version: 6))) == [Objects.other])
        #expect(view.record(of: identity) == nil)
    }

    @Test func onlyANewerVersionIsAChange() {
        var view = view
        #expect(view.apply(.changed(Objects.record(version: 5))) == [])
        #expect(view.apply(.changed(Objects.record(version: 4))) == [])
        #expect(view.apply(.all(Objects.record(version: 4))) == [])
        #expect(view.record(of: identity)?.version == "5")
        #expect(view.apply(.changed(Objects.record(version: 10))) == [identity])
        #expect(view.record(of: identity)?.version == "10")
    }

    @Test func anotherObjectOfTheNameReplacesTheFirst() {
        var view = view
        #expect(view.apply(.changed(Objects.record(version: 4, uid: "u2"))) == [identity])
        #expect(view.record(of: identity)?.identity == "u2")
    }

    @Test func whatIsStoredHereIsKnownAtOnceAndItsEchoIsNoChange() {
        var view = view
        view.stored(Objects.record(version: 7))
        #expect(view.record(of: identity)?.version == "7")
        #expect(view.apply(.changed(Objects.record(version: 7))) == [])
        #expect(view.apply(.changed(Objects.record(version: 6))) == [])
        #expect(view.record(of: identity)?.version == "7")
        view.stored(Objects.record(version: 6))
        #expect(view.record(of: identity)?.version == "7")
    }

    @Test func anEndThatIsStoredHereIsNotUndoneByAnOlderVersion() {
        var view = view
        _ = view.apply(.changed(Objects.run(.succeeded)))
        view.stored(Objects.record(version: 8, phase: .succeeded))
        #expect(view.record(of: identity) == nil)
        #expect(view.unfinished.isEmpty)
        #expect(view.apply(.changed(Objects.record(version: 7))) == [])
        #expect(view.apply(.all(Objects.record(version: 7))) == [])
        #expect(view.record(of: identity) == nil)
        #expect(view.apply(.left(Objects.record(version: 7))) == [])
        #expect(view.size == (deployments: 0, runs: 0))
    }

    @Test func whatTheWatchDoesNotKnowIsNotStored() {
        var view = view
        _ = view.apply(.left(Objects.record(version: 5)))
        view.stored(Objects.record(version: 9))
        #expect(view.record(of: identity) == nil)
        #expect(view.size.deployments == 0)
    }

    @Test func aDeploymentThatLeavesTakesItsEndedRunsWithIt() {
        var view = view
        _ = view.apply(.changed(Objects.run(.failed)))
        #expect(view.observation(of: build, of: identity)?.phase == .failed)
        _ = view.apply(.left(Objects.record(version: 5)))
        #expect(view.observation(of: build, of: identity) == nil)
        #expect(view.size == (deployments: 0, runs: 0))
    }

    @Test func aRecordThatIsBeingDeletedCountsAsGone() {
        var view = view
        #expect(view.apply(EngineView.DeploymentEvent.applied(Objects.key(identity), .success(nil))) == [])
        #expect(view.record(of: identity) == nil)
    }

    @Test func anUnreadableObjectHarmsItselfOnly() {
        var view = EngineView()
        let unreadable = ObjectKey(namespace: "tool-demo", name: "demo-deploy-3")
        let elsewhere = ObjectKey(namespace: "kube-system", name: "x")
        let changed = view.apply(
            EngineView.DeploymentEvent.reset([
                unreadable: .failure(Self.unreadable), elsewhere: .failure(Self.unreadable),
                Objects.key(identity): .success(Objects.record(version: 5)),
            ]))
        #expect(changed == [identity])
        #expect(view.apply(.changed(Objects.run(.running))) == [identity])
        let stray = ObjectKey(namespace: "image-build", name: "stray")
        #expect(view.apply(WatchEvent<WatchedRun>.applied(stray, .failure(Self.unreadable))) == [])
        #expect(view.observation(of: build, of: identity)?.phase == .running)
        #expect(
            view.apply(EngineView.DeploymentEvent.applied(Objects.key(identity), .failure(Self.unreadable))) == [])
        #expect(view.record(of: identity) == nil)
    }

    @Test func aRunThatChangesConcernsItsDeployment() {
        var view = view
        #expect(view.apply(.changed(Objects.run(.pending))) == [identity])
        #expect(view.apply(.changed(Objects.run(.pending))) == [])
        #expect(view.apply(.changed(Objects.run(.running))) == [identity])
        #expect(view.observation(of: build, of: identity)?.phase == .running)
        #expect(view.apply(.changed(Objects.run(.running, of: Objects.other))) == [])
    }

    @Test func aRunOfAnotherBuildIsNotTakenForThisOne() {
        var view = view
        let key = Objects.key(build)
        let stranger = Objects.run(.succeeded, of: identity, component: "job")
        _ = view.apply(WatchEvent<WatchedRun>.applied(key, .success(stranger)))
        #expect(view.observation(of: build, of: identity) == nil)
        _ = view.apply(WatchEvent<WatchedRun>.applied(key, .success(Objects.run(.running, of: Objects.other))))
        #expect(view.observation(of: build, of: identity) == nil)
    }

    @Test func anEndThatWasSeenOutlivesItsRun() {
        var view = view
        _ = view.apply(.changed(Objects.run(.succeeded)))
        #expect(view.apply(.removed(Objects.run(.succeeded))) == [])
        #expect(view.observation(of: build, of: identity)?.phase == .succeeded)
        #expect(view.apply(WatchEvent<WatchedRun>.all()) == [])
        #expect(view.observation(of: build, of: identity)?.phase == .succeeded)
    }

    @Test func theLastStateOfARemovedRunMayBeItsEnd() {
        var view = view
        _ = view.apply(.changed(Objects.run(.running)))
        #expect(view.apply(.removed(Objects.run(.failed))) == [identity])
        #expect(view.observation(of: build, of: identity)?.phase == .failed)
    }

    @Test func aRunThatIsRemovedBeforeItsEndIsNotKnown() {
        var view = view
        _ = view.apply(.changed(Objects.run(.running)))
        #expect(view.apply(.removed(Objects.run(.running))) == [identity])
        #expect(view.observation(of: build, of: identity) == nil)
        _ = view.apply(.changed(Objects.run(.running)))
        #expect(view.apply(WatchEvent<WatchedRun>.all()) == [identity])
        #expect(view.observation(of: build, of: identity) == nil)
    }

    @Test func aListOfRunsConcernsTheDeploymentsOfThoseThatChanged() {
        var view = view
        _ = view.apply(.changed(Objects.record(Objects.other, version: 6)))
        _ = view.apply(.all(Objects.run(.running), Objects.run(.running, of: Objects.other)))
        #expect(view.apply(.all(Objects.run(.running), Objects.run(.failed, of: Objects.other))) == [Objects.other])
    }

    @Test func endedRunsAreKeptOnlyForDeploymentsThatMayStillNeedThem() {
        var view = EngineView()
        // Before the list of deployments, any of them may.
        _ = view.apply(.all(Objects.run(.succeeded), Objects.run(.failed, of: Objects.other)))
        #expect(view.size.runs == 2)
        #expect(view.apply(.all(Objects.record(version: 5))) == [identity])
        #expect(view.size.runs == 1)
        #expect(view.observation(of: build, of: identity)?.phase == .succeeded)
        _ = view.apply(.changed(Objects.run(.failed, of: Objects.other)))
        #expect(view.size.runs == 1)
        // A run that has not ended may be told before its record.
        _ = view.apply(.changed(Objects.run(.pending, of: Objects.other)))
        #expect(view.size.runs == 2)
        #expect(view.apply(.changed(Objects.record(Objects.other, version: 9))) == [Objects.other])
        #expect(view.observation(of: Objects.build(of: Objects.other), of: Objects.other)?.phase == .pending)
    }
}
