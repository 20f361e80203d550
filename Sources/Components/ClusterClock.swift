public import Foundation

/// The one clock of the rules: the time of day by the cluster, and waiting.
///
/// Replicas' own clocks may differ by hours; what the cluster's clock says is the same for all of them.
public protocol ClusterClock: Sendable {
    /// The time of day by the cluster's clock, as far as it is known; with microseconds.
    func now() -> Date

    /// Waits that long on a monotonic clock; returns early when the task is cancelled.
    func sleep(for duration: Duration) async
}

extension ClusterClock {
    /// Waits; a cancelled wait is a short one, because the caller reads the cluster's state again anyway.
    public func sleep(for duration: Duration) async { try? await Task.sleep(for: duration) }
}

/// The clock of this machine.
public struct SystemClock: ClusterClock {
    /// This machine's clock.
    public init() {}

    /// The time of day by this machine's clock.
    public func now() -> Date { Date() }
}

extension Date {
    /// The time that many microseconds after 1970: a record's time, which is stored and read back without loss.
    public init(microsecondsSince1970 microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }

    /// Whole microseconds since 1970.
    public var microsecondsSince1970: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }
}

/// Where random numbers come from.
public struct Randomness: Sendable {
    /// A uniformly distributed number, which makes ids of the same microsecond differ.
    public var number: @Sendable () -> UInt32
    /// A number that no two calls return, in whichever process.
    public var nonce: @Sendable () -> UInt64

    /// Injected randomness.
    public init(
        number: @escaping @Sendable () -> UInt32 = { .random(in: .min ... .max) },
        nonce: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        self.number = number
        self.nonce = nonce
    }
}
