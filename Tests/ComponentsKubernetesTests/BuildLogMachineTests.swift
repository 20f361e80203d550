import Components
import Testing

@testable import ComponentsKubernetes

/// How a log is read, without a cluster: events in, actions out.
struct BuildLogMachineTests {
    private typealias Machine = BuildLogMachine

    private let place = BuildLogPlace(pod: "pod")
    private let clone = BuildLogMachine.Step(name: "clone", container: "step-clone")
    private let build = BuildLogMachine.Step(name: "build", container: "step-build")

    private func view(
        hasEnded: Bool = false, isQueued: Bool = false, hasPod: Bool = true, hasBegun: Bool = true
    ) -> BuildLogView {
        BuildLogView(
            hasEnded: hasEnded, isQueued: isQueued, message: "Tasks Completed: 0", place: hasPod ? place : nil,
            steps: hasPod ? [clone, build] : [], hasBegun: hasBegun)
    }

    private func move(_ action: Machine.Action) -> Machine.Move { Machine.Move(action: action) }
    private func end(_ note: BuildLogNote) -> Machine.Move { Machine.Move(note: note, action: .end) }

    @Test func readsStepAfterStepAndSaysThatItIsComplete() {
        var machine = Machine(follows: false)
        #expect(machine.looked(view(hasEnded: true)) == move(.open(place, clone, again: false)))
        #expect(machine.opened() == move(.read))
        #expect(machine.came() == move(.read))
        #expect(machine.ended(isBroken: false) == move(.open(place, build, again: false)))
        #expect(machine.opened() == move(.read))
        #expect(machine.ended(isBroken: false) == move(.check(place)))
        var failed = machine
        #expect(machine.checked(["step-clone": 0, "step-build": 0]) == end(.complete(failed: nil)))
        let step = FailedStep(name: "build", exitCode: 42)
        #expect(failed.checked(["step-clone": 0, "step-build": 42]) == end(.complete(failed: step)))
    }

    @Test func looksAtThePodAfterEachStepThatItFollowed() {
        var machine = Machine(follows: true)
        _ = machine.looked(view())
        _ = machine.opened()
        #expect(machine.ended(isBroken: false) == move(.check(place)))
        #expect(machine.checked(["step-clone": 0]) == move(.open(place, build, again: false)))
        _ = machine.opened()
        #expect(machine.ended(isBroken: false) == move(.check(place)))
        #expect(machine.checked(["step-clone": 0, "step-build": 0]) == move(.check(place)))
        #expect(machine.checked(["step-clone": 0, "step-build": 0]) == end(.complete(failed: nil)))
    }

    @Test func looksOnceWhereAllStepsHaveEnded() {
        var machine = Machine(follows: true)
        _ = machine.looked(view(hasEnded: true))
        _ = machine.opened()
        _ = machine.ended(isBroken: false)
        #expect(machine.checked(["step-clone": 1, "step-build": 1]) == move(.open(place, build, again: false)))
        // How it ended is known.
        #expect(machine.ended(isBroken: false) == move(.check(place)))
        #expect(
            machine.checked(["step-clone": 1, "step-build": 1])
                == end(.complete(failed: FailedStep(name: "clone", exitCode: 1))))
    }

    /// The API server ends the log of a node that died as it does any other.
    @Test func aLogThatEndsBeforeItsContainerIsReadAgain() {
        var machine = Machine(follows: true)
        _ = machine.looked(view())
        _ = machine.opened()
        _ = machine.came()
        _ = machine.ended(isBroken: false)
        #expect(machine.checked([:]) == move(.wait(.milliseconds(500))))
        #expect(machine.waited() == move(.look))
        #expect(machine.looked(view()) == move(.open(place, clone, again: true)))
        // For a minute or so.
        var moves = 0
        while true {
            let next = machine.refused(.nodeUnreachable)
            if next.action == .end {
                #expect(next.note == .nodeUnreachable)
                break
            }
            moves += 1
            _ = machine.looked(view())
        }
        #expect(moves == Machine.mostAttempts - 1)
    }

    @Test func aLogThatBreaksOffIsReadAgain() {
        for follows in [true, false] {
            var machine = Machine(follows: follows)
            _ = machine.looked(view())
            _ = machine.opened()
            #expect(machine.ended(isBroken: true) == move(.wait(.milliseconds(500))))
            // Nothing was read of it.
            #expect(machine.looked(view()) == move(.open(place, clone, again: false)))
            _ = machine.came()
            #expect(machine.ended(isBroken: true) == move(.wait(.milliseconds(500))))
            #expect(machine.looked(view()) == move(.open(place, clone, again: true)))
            #expect(machine.refused(.cluster("it is away")) == move(.wait(.seconds(1))))
            let last = machine.refused(.cluster("it is away"))
            #expect(last == (follows ? move(.wait(.seconds(2))) : end(.clusterFailed("it is away"))))
        }
    }

    @Test func aBuildThatWaitsIsWaitedForOnlyByWhoFollows() {
        let waiting = BuildLogNote.waiting("Tasks Completed: 0")
        var short = Machine(follows: false)
        #expect(short.looked(view(hasPod: false)) == end(waiting))
        short = Machine(follows: false)
        _ = short.looked(view())
        #expect(short.refused(.notStarted) == end(waiting))
        var machine = Machine(follows: true)
        #expect(machine.looked(view(hasPod: false)) == Machine.Move(note: waiting, action: .wait(.milliseconds(500))))
        // It is said once; the waits become longer, but no longer than the last.
        for delay in [Duration.seconds(1), .seconds(2), .seconds(5), .seconds(5)] {
            _ = machine.waited()
            #expect(machine.looked(view(hasPod: false)) == move(.wait(delay)))
        }
        #expect(machine.looked(view()) == move(.open(place, clone, again: false)))
        #expect(machine.refused(.notStarted) == move(.wait(.seconds(5))))
        #expect(machine.looked(view(hasEnded: true)) == move(.open(place, clone, again: false)))
        // It never began.
        #expect(machine.refused(.notStarted) == move(.open(place, build, again: false)))
        #expect(machine.refused(.notStarted) == move(.check(place)))
        #expect(machine.checked([:]) == end(.incomplete))
    }

    @Test func aRunThatIsGoneHasNoLog() {
        var machine = Machine(follows: true)
        #expect(machine.looked(nil) == end(.gone(isKept: false)))
        machine = Machine(follows: false)
        _ = machine.looked(view(hasEnded: true))
        #expect(machine.refused(.noSuchPod) == end(.gone(isKept: false)))
        machine = Machine(follows: true)
        _ = machine.looked(view())
        _ = machine.came()
        #expect(machine.looked(nil) == end(.incomplete))
    }

    @Test func aRunThatIsNotKnownToHaveBeenCreatedIsWaitedFor() {
        var short = Machine(follows: false, isCreated: false)
        #expect(short.looked(nil) == end(.waiting("")))
        var machine = Machine(follows: true, isCreated: false)
        #expect(machine.looked(nil) == Machine.Move(note: .waiting(""), action: .waitForBegin))
        #expect(machine.neverBegins(.neverStarted("no room")) == end(.neverStarted("no room")))
        #expect(machine.looked(nil) == move(.waitForBegin))
        // Once it was seen, what is not there is gone.
        #expect(machine.begun() == move(.look))
        #expect(machine.looked(nil) == end(.gone(isKept: false)))
        machine = Machine(follows: true, isCreated: false)
        _ = machine.looked(view(hasPod: false))
        #expect(machine.looked(nil) == end(.gone(isKept: false)))
    }

    /// The watch tells when it begins; of its pod no watch tells.
    @Test func aRunThatIsQueuedIsNotLookedAtUntilItIsSaidToHaveBegun() {
        var machine = Machine(follows: true)
        let waiting = BuildLogNote.waiting("Tasks Completed: 0")
        #expect(
            machine.looked(view(isQueued: true, hasPod: false)) == Machine.Move(note: waiting, action: .waitForBegin))
        #expect(machine.begun() == move(.look))
        #expect(machine.looked(view(isQueued: true, hasPod: false)) == move(.waitForBegin))
        #expect(machine.looked(view(hasPod: false)) == move(.wait(.milliseconds(500))))
        #expect(machine.looked(view(hasBegun: false)) == move(.wait(.seconds(1))))
        #expect(machine.looked(view()) == move(.open(place, clone, again: false)))
        var short = Machine(follows: false)
        #expect(short.looked(view(hasBegun: false)) == end(waiting))
        // It has ended: whatever there is of its log is read.
        short = Machine(follows: false)
        #expect(short.looked(view(hasEnded: true, hasBegun: false)) == move(.open(place, clone, again: false)))
    }

    /// The run may have ended, and its pod been deleted, since it was looked at.
    @Test func aPodThatIsMissingIsLookedForAgainWhileItsRunGoesOn() {
        var machine = Machine(follows: true)
        _ = machine.looked(view())
        #expect(machine.refused(.noSuchPod) == move(.wait(.milliseconds(500))))
        _ = machine.looked(view(hasEnded: true))
        #expect(machine.refused(.noSuchPod) == end(.gone(isKept: false)))
        machine = Machine(follows: true)
        _ = machine.looked(view())
        _ = machine.opened()
        _ = machine.came()
        _ = machine.ended(isBroken: false)
        #expect(machine.checked(nil) == end(.incomplete))
    }

    @Test func aRunThatEndsWithoutAPodHasWrittenNothing() {
        var machine = Machine(follows: true)
        #expect(machine.looked(view(hasEnded: true, hasPod: false)) == end(.nothingWritten))
    }

    @Test func aStepThatThePodDoesNotHaveIsLeftOut() {
        var machine = Machine(follows: true)
        _ = machine.looked(view())
        #expect(machine.refused(.noSuchContainer) == move(.open(place, build, again: false)))
    }

    @Test func theLogSoFarIsCalledThat() {
        var machine = Machine(follows: false)
        _ = machine.looked(view())
        _ = machine.ended(isBroken: false)
        #expect(machine.ended(isBroken: false) == move(.check(place)))
        #expect(machine.checked(["step-clone": 0]) == end(.goesOn))
    }

    @Test func aPodThatCannotBeReadIsReadAgain() {
        var machine = Machine(follows: false)
        _ = machine.looked(view())
        _ = machine.ended(isBroken: false)
        _ = machine.ended(isBroken: false)
        #expect(machine.checkFailed("it is away") == move(.wait(.milliseconds(500))))
        #expect(machine.looked(view()) == move(.check(place)))
        #expect(machine.checkFailed("it is away") == move(.wait(.seconds(1))))
        #expect(machine.checkFailed("it is away") == end(.clusterFailed("it is away")))
    }
}
