public import struct Foundation.Date

/// The clock and the dice of the deployment engine, so that a test can bring its own.
public struct DeploymentEnvironment: Sendable {
    /// The time of day.
    public var now: @Sendable () -> Date
    /// A random number, all of them alike.
    public var random: @Sendable () -> UInt32
    /// Waits that long; returns early when the task is cancelled.
    public var sleep: @Sendable (Duration) async -> Void

    /// An environment of one's own.
    public init(
        now: @escaping @Sendable () -> Date, random: @escaping @Sendable () -> UInt32,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.now = now
        self.random = random
        self.sleep = sleep
    }

    /// The system's.
    public static let live = DeploymentEnvironment(
        now: { Date() },
        random: { .random(in: .min ... .max) },
        // A cancelled wait is a short wait: the caller looks at the world again anyway.
        sleep: { try? await Task.sleep(for: $0) })
}
