import Foundation
import Testing

@testable import Components

struct RoomStepTests {
    private static func refusal(used: Int, allowsNone: Bool = false) -> QuotaRefusal {
        QuotaRefusal(reason: "exceeded quota", used: ["records": "\(used)"], allowsNone: allowsNone)
    }

    private static func entries(_ count: Int) -> [DeploymentEntry] {
        (0..<count).map {
            DeploymentEntry(id: "d-\($0)", requestedAt: Date(timeIntervalSince1970: Double($0)), identity: "\($0)")
        }
    }

    /// What is done, one action after another, while the quota says this and so many records exist.
    private static func actions(
        _ refusal: QuotaRefusal, after history: inout RoomStep.History, records: Int
    ) -> [RoomStep.Action] {
        var actions: [RoomStep.Action] = []
        var listed: [DeploymentEntry]?
        while actions.count < 20 {
            let action = RoomStep(refusal, after: history, entries: listed).action
            actions.append(action)
            history.note(action, because: refusal, entries: listed)
            listed = action == .list ? entries(records) : nil
            if action == .giveUp { break }
            if case .remove = action { break }
        }
        return actions
    }

    @Test func theOldestGoesAtOnceIfNothingWasRemovedBefore() {
        var history = RoomStep.History(hasRemoved: false)
        #expect(
            Self.actions(Self.refusal(used: 3), after: &history, records: 3) == [.list, .remove(Self.entries(3)[0])])
    }

    @Test func aRemovalIsGivenTimeToBeCountedBeforeTheNext() {
        var history = RoomStep.History(hasRemoved: true)
        let waits = RoomStep.delays.map(RoomStep.Action.wait)
        #expect(
            Self.actions(Self.refusal(used: 3), after: &history, records: 3)
                == waits + [.list, .remove(Self.entries(3)[0])])
    }

    @Test func aQuotaThatHasCountedIsNotWaitedFor() {
        var history = RoomStep.History(hasRemoved: false)
        _ = Self.actions(Self.refusal(used: 5), after: &history, records: 5)
        #expect(
            Self.actions(Self.refusal(used: 4), after: &history, records: 4) == [.list, .remove(Self.entries(4)[0])])
    }

    @Test func aRemovalThatDidNotHelpIsTheLast() {
        var history = RoomStep.History(hasRemoved: false)
        _ = Self.actions(Self.refusal(used: 5), after: &history, records: 5)
        #expect(Self.actions(Self.refusal(used: 5), after: &history, records: 4).suffix(2) == [.list, .giveUp])
    }

    @Test func whereOthersAddedRecordsARemovalIsRepeated() {
        var history = RoomStep.History(hasRemoved: false)
        _ = Self.actions(Self.refusal(used: 5), after: &history, records: 5)
        #expect(
            Self.actions(Self.refusal(used: 5), after: &history, records: 5).suffix(2)
                == [.list, .remove(Self.entries(5)[0])])
    }

    @Test func nothingIsRemovedForAQuotaThatAllowsNoneOrWithoutRecords() {
        var history = RoomStep.History(hasRemoved: false)
        #expect(Self.actions(Self.refusal(used: 0, allowsNone: true), after: &history, records: 3) == [.giveUp])
        #expect(Self.actions(Self.refusal(used: 2), after: &history, records: 0) == [.list, .giveUp])
    }
}
