import TestSupport
import Testing

@testable import FastCGI

/// The life of a connection without one: events in, actions out.
@Suite struct ConnectionStateMachineTests {
    private let start = ContinuousClock.now
    private let request: [UInt8] = .request("PUT", "/", body: [65])
    private var limits: FastCGILimits {
        var limits = FastCGILimits()
        limits.readTimeout = .seconds(10)
        limits.writeTimeout = .seconds(3)
        limits.totalWriteTimeout = .seconds(20)
        limits.streamIdleTimeout = .seconds(60)
        limits.stopGrace = .seconds(1)
        return limits
    }

    private func machine(receiving bytes: [UInt8] = []) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(limits: limits, now: start)
        if !bytes.isEmpty { _ = received(bytes, by: &machine) }
        return machine
    }

    private func received(_ bytes: [UInt8], by machine: inout ConnectionStateMachine) -> ConnectionStateMachine.Action {
        var input = bytes[...]
        return machine.received(&input)
    }

    private var serving: ConnectionStateMachine { machine(receiving: request) }

    private var waiting: ConnectionStateMachine {
        var machine = serving
        _ = machine.waitBegan()
        return machine
    }

    private var streaming: ConnectionStateMachine {
        var machine = serving
        _ = machine.streamBegan(now: start)
        return machine
    }

    private var writing: ConnectionStateMachine {
        var machine = serving
        _ = machine.responseUnsent(now: start)
        return machine
    }

    private var closed: ConnectionStateMachine {
        var machine = machine()
        _ = machine.abort()
        return machine
    }

    @Test func readsUntilTheRequestIsWholeAndServesItThen() throws {
        var machine = machine()
        #expect(machine.becameReady() == .read)
        #expect(received(Array(request.dropLast(8)), by: &machine) == .read)
        #expect(machine.becameReady() == .read)
        guard case .serve(let records) = received(Array(request.suffix(8)), by: &machine) else {
            Issue.record("the request is not served")
            return
        }
        #expect(records.body == [65])
        #expect(machine.deadline == nil)
        #expect(machine.becameReady() == .wait)
        // What comes behind it is nobody's.
        #expect(received(request, by: &machine) == .wait)
    }

    @Test func repliesToASecondRequestAndReadsOn() {
        var machine = machine(receiving: .begin())
        var input = ([UInt8].begin(id: 2) + [UInt8].record(77))[...]
        #expect(machine.received(&input) == .reply(.cannotMultiplex(id: 2)))
        #expect(machine.received(&input) == .close(.fault(.recordType)))
    }

    @Test func closesWhenTheExchangeIsOver() {
        var machine = serving
        #expect(machine.taskEnded() == .close(.ordinary))
        #expect(machine.deadline == nil)
    }

    @Test func sendsWhatIsUnsentAndClosesBehindIt() {
        var machine = serving
        #expect(machine.responseUnsent(now: start) == .flush)
        #expect(machine.flushed(.partly(isProgress: true), now: start) == .waitForRoom)
        #expect(machine.becameReady() == .flush)
        #expect(machine.flushed(.all, now: start) == .close(.ordinary))
    }

    @Test func closesWhenThePeerIsGoneWhileItIsSentTo() {
        var machine = writing
        #expect(machine.flushed(.closed, now: start) == .close(.ordinary))
        machine = writing
        #expect(machine.peerClosed() == .close(.ordinary))
    }

    @Test func saysWhetherThePeerClosedWithinARequest() {
        var machine = machine()
        #expect(machine.peerClosed() == .close(.ordinary))
        machine = self.machine(receiving: [1])
        #expect(machine.peerClosed() == .close(.cutRequest))
    }

    @Test func letsATaskFinishWhosePeerHasClosed() {
        var machine = serving
        #expect(machine.peerClosed() == .wait)
        #expect(machine.taskEnded() == .close(.ordinary))
    }

    @Test func closesARequestThatIsLate() {
        var machine = machine()
        #expect(machine.deadline == start + .seconds(10))
        #expect(machine.deadlinePassed(now: start, lastSent: start) == .close(.ordinary))
        machine = self.machine(receiving: [1])
        #expect(machine.deadline == start + .seconds(10))
        #expect(machine.deadlinePassed(now: start, lastSent: start) == .close(.lateRequest))
    }

    @Test func servesARequestOfWhichOnlyTheBodyIsLate() {
        var machine = machine(receiving: Array(request.dropLast(8)))
        guard case .serve(let records) = machine.deadlinePassed(now: start, lastSent: start) else {
            Issue.record("the request is not served")
            return
        }
        #expect(records.isTimedOut)
        #expect(machine.deadline == nil)
        #expect(machine.taskEnded() == .close(.ordinary))
    }

    @Test func givesAPeerMoreTimeForAResponseAsLongAsItTakesSome() {
        var machine = writing
        #expect(machine.deadline == start + .seconds(3))
        _ = machine.flushed(.partly(isProgress: false), now: start + .seconds(2))
        #expect(machine.deadline == start + .seconds(3))
        _ = machine.flushed(.partly(isProgress: true), now: start + .seconds(2))
        #expect(machine.deadline == start + .seconds(5))
        // Not for longer than a whole response may take.
        _ = machine.flushed(.partly(isProgress: true), now: start + .seconds(19))
        #expect(machine.deadline == start + .seconds(20))
        #expect(machine.deadlinePassed(now: start, lastSent: start) == .close(.untakenResponse))
    }

    @Test func givesASilentPeerAMomentAtAStop() {
        var machine = machine()
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.deadline == start + .seconds(1))
        // Never more than it had.
        #expect(machine.stop(now: start + .seconds(30)) == .wait)
        #expect(machine.deadline == start + .seconds(1))
    }

    @Test func finishesAtAStopWhatHasBegun() {
        var machine = machine(receiving: [1])
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.deadline == start + .seconds(10))
        machine = serving
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.deadline == nil)
        machine = writing
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.deadline == start + .seconds(3))
    }

    @Test func closesAtAnAbortWhateverItIsAt() {
        for var machine in [machine(), machine(receiving: [1]), serving, waiting, writing] {
            #expect(machine.abort() == .close(.ordinary))
            #expect(machine.deadline == nil)
        }
        var machine = streaming
        #expect(machine.abort() == .breakOff(.lateStream))
        #expect(machine.deadline == nil)
    }

    @Test func watchesThePeerWhileItWaitsWithoutALimit() {
        var machine = serving
        #expect(machine.waitBegan() == .watchPeer)
        #expect(machine.waitBegan() == .wait)
        #expect(machine.deadline == nil)
        #expect(machine.deadlinePassed(now: start + .seconds(86_400), lastSent: start) == .wait)
        #expect(machine.becameReady() == .watchPeer)
        #expect(machine.becameReady(isHangup: true) == .close(.ordinary))
        machine = waiting
        #expect(machine.taskEnded() == .close(.ordinary))
        machine = waiting
        #expect(machine.responseUnsent(now: start) == .flush)
        machine = waiting
        #expect(machine.streamBegan(now: start) == .watchPeer)
        #expect(machine.deadline == start + .seconds(60))
    }

    @Test func tellsAWaitToEndAtAStop() {
        var machine = waiting
        #expect(machine.stop(now: start) == .cancelTask)
        #expect(machine.stop(now: start) == .wait)
        // What it answers is sent.
        #expect(machine.responseUnsent(now: start) == .flush)
        machine = serving
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.waitBegan() == .cancelTask)
    }

    @Test func watchesThePeerWhileItStreams() {
        var machine = serving
        #expect(machine.streamBegan(now: start) == .watchPeer)
        #expect(machine.becameReady() == .flush)
        #expect(machine.flushed(.partly(isProgress: true), now: start) == .watchPeer)
        #expect(machine.flushed(.all, now: start) == .watchPeer)
        #expect(machine.becameReady(isHangup: true) == .close(.ordinary))
        machine = streaming
        #expect(machine.flushed(.closed, now: start) == .close(.ordinary))
    }

    @Test func sendsTheEndOfAStreamThatIsUnsent() {
        var machine = streaming
        #expect(machine.responseUnsent(now: start) == .flush)
        #expect(machine.deadline == start + .seconds(3))
        // The peer may have closed its own side: what is still sent tells whether it takes it.
        #expect(machine.becameReady(isHangup: true) == .flush)
        #expect(machine.flushed(.all, now: start) == .close(.ordinary))
    }

    @Test func breaksOffAStreamOfWhichNothingIsSentForTooLong() {
        var machine = streaming
        #expect(machine.deadline == start + .seconds(60))
        let late = start + .seconds(60)
        #expect(machine.deadlinePassed(now: late, lastSent: start + .seconds(59)) == .wait)
        #expect(machine.deadline == start + .seconds(119))
        // However long it goes on.
        let day = start + .seconds(86_400)
        #expect(machine.deadlinePassed(now: day, lastSent: day - .seconds(1)) == .wait)
        #expect(machine.deadlinePassed(now: day + .seconds(59), lastSent: day - .seconds(1)) == .breakOff(.idleStream))
        #expect(machine.taskEnded() == .close(.ordinary))
    }

    @Test func tellsAStreamToEndAtAStop() {
        var machine = streaming
        #expect(machine.stop(now: start) == .cancelTask)
        #expect(machine.deadline == start + .seconds(3))
        // Once, and with a limit, whatever it still sends.
        #expect(machine.stop(now: start + .seconds(2)) == .wait)
        let late = start + .seconds(3)
        #expect(machine.deadlinePassed(now: late, lastSent: late) == .breakOff(.lateStream))
        machine = streaming
        _ = machine.stop(now: start)
        #expect(machine.taskEnded() == .close(.ordinary))
    }

    @Test func tellsAStreamToEndThatBeginsAfterAStop() {
        var machine = serving
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.streamBegan(now: start) == .cancelTask)
    }

    /// The task of a connection that is closed may go on; its end is the last event.
    @Test func staysClosed() {
        var machine = closed
        #expect(machine.becameReady() == .wait)
        #expect(received(request, by: &machine) == .wait)
        #expect(machine.peerClosed() == .wait)
        #expect(machine.flushed(.all, now: start) == .wait)
        #expect(machine.waitBegan() == .wait)
        #expect(machine.streamBegan(now: start) == .wait)
        #expect(machine.deadlinePassed(now: start, lastSent: start) == .wait)
        #expect(machine.stop(now: start) == .wait)
        #expect(machine.deadline == nil)
        #expect(machine.responseUnsent(now: start) == .close(.ordinary))
        #expect(machine.taskEnded() == .close(.ordinary))
    }
}
