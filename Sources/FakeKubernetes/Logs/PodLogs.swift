import Foundation
import Synchronization

/// What the containers of pods have written, for as long as the pods exist.
final class PodLogs: Sendable {
    /// One container of one pod; a pod that is made again under the same name is another one.
    struct Container: Hashable, Sendable {
        let podUID: String
        let name: String
    }

    struct Line: Sendable, Equatable {
        let time: Date
        /// The time, a space, what was written, and a line feed: as it is on the node's disk.
        private let bytes: [UInt8]
        private let textIndex: Int

        /// - Parameter text: Without the line feed.
        init(time: Date, text: String) {
            self.time = time
            var bytes = Array("\(time.withNanoseconds) ".utf8)
            textIndex = bytes.count
            bytes += text.utf8
            bytes.append(UInt8(ascii: "\n"))
            self.bytes = bytes
        }

        /// What was written, without the line feed.
        var text: String { String(decoding: bytes[textIndex...].dropLast(), as: UTF8.self) }

        /// The line with its time or without.
        func bytes(timed: Bool) -> ArraySlice<UInt8> { timed ? bytes[...] : bytes[textIndex...] }
    }

    private struct Log {
        var lines: [Line] = []
        var hasEnded = false
        var followers: [AsyncStream<Line>.Continuation] = []
    }

    private let logs = Mutex<[Container: Log]>([:])

    func append(_ text: String, to container: Container, at time: Date = Date()) {
        logs.withLock { logs in
            let line = Line(time: time, text: text)
            logs[container, default: Log()].lines.append(line)
            logs[container]?.followers.removeAll { follower in
                if case .terminated = follower.yield(line) { true } else { false }
            }
        }
    }

    /// Ends a log: nothing is appended any more, and those that follow it have read it all.
    func end(_ container: Container) {
        logs.withLock { logs in
            for follower in logs[container]?.followers ?? [] { follower.finish() }
            logs[container, default: Log()].followers = []
            logs[container]?.hasEnded = true
        }
    }

    /// Ends and forgets the logs of a pod that is gone.
    func remove(podUID: String) {
        logs.withLock { logs in
            for container in logs.keys where container.podUID == podUID {
                for follower in logs[container]?.followers ?? [] { follower.finish() }
                logs[container] = nil
            }
        }
    }

    func lines(of container: Container) -> [Line] { logs.withLock { $0[container]?.lines ?? [] } }

    /// The lines so far, and those that follow until the log ends.
    func follow(_ container: Container) -> (past: [Line], next: AsyncStream<Line>) {
        logs.withLock { logs in
            let (next, continuation) = AsyncStream.makeStream(of: Line.self)
            let log = logs[container]
            if log?.hasEnded == true {
                continuation.finish()
            } else {
                logs[container, default: Log()].followers.append(continuation)
            }
            return (log?.lines ?? [], next)
        }
    }
}

/// A log that is followed: the lines that a client wants of it, until the container ends.
struct FollowedLog: Sendable {
    let past: [ArraySlice<UInt8>]
    let next: AsyncStream<PodLogs.Line>
    let options: PodLogOptions

    /// Passes on every line as it comes, up to the limit of bytes.
    func forEachLine(_ body: ([UInt8]) async throws -> Void) async throws {
        var left = options.limitBytes ?? .max
        for bytes in past where left > 0 {
            try await body(Array(bytes.prefix(left)))
            left -= bytes.count
        }
        for await line in next {
            guard left > 0 else { return }
            let bytes = options.bytes(of: line)
            try await body(Array(bytes.prefix(left)))
            left -= bytes.count
        }
    }
}
