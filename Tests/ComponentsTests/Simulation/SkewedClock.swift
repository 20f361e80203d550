import Foundation
import Synchronization
import TestSupport

@testable import Components

/// The cluster's clock as one process knows it: up to a second behind, because a response's `Date` has whole seconds.
final class SkewedClock: ClusterClock {
    private let time: WorldTime
    private let offset: Double

    init(of time: WorldTime, _ random: inout SeededRandom) {
        self.time = time
        offset = [0, 0, 0, 0.3, 0.6, 0.9].randomElement(using: &random) ?? 0
    }

    func now() -> Date { Date(timeIntervalSince1970: time.now - offset) }

    func sleep(for duration: Duration) async {}
}

/// The time by the cluster's clock, in seconds since 1970.
final class WorldTime: Sendable {
    private let seconds = Mutex(1_795_342_500.0)

    var now: Double { seconds.withLock(\.self) }

    func advance(by duration: Double) { seconds.withLock { $0 += duration } }
}
