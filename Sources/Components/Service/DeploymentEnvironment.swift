public import struct Foundation.Date

/// The clock and the dice of the deployment engine, so that a test can bring its own.
public struct DeploymentEnvironment: Sendable {
    /// The time of day.
    public var now: @Sendable () -> Date
    /// A random number, all of them alike.
    public var random: @Sendable () -> UInt32
    /// A number that no two calls, in whichever process, give twice.
    public var nonce: @Sendable () -> UInt64
    /// Waits that long; returns early when the task is cancelled.
    public var sleep: @Sendable (Duration) async -> Void

    /// An environment of one's own.
    public init(
        now: @escaping @Sendable () -> Date, random: @escaping @Sendable () -> UInt32,
        nonce: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) },
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.now = now
        self.random = random
        self.nonce = nonce
        self.sleep = sleep
    }

    /// The system's.
    public static let live = DeploymentEnvironment(
        now: { Date() },
        random: { .random(in: .min ... .max) },
        // A cancelled wait is a short wait: the caller looks at the world again anyway.
        sleep: { try? await Task.sleep(for: $0) })
}
