import NIOCore
import Synchronization

/// The responses that follow a log and have not ended: tests see by them whether a reader that goes ends its call.
final class OpenLogs: Sendable {
    private let open = Mutex<(last: Int, all: Set<Int>)>((0, []))

    /// One such response.
    struct Opening: Sendable {
        fileprivate let logs: OpenLogs
        fileprivate let number: Int

        func end() { logs.remove(number) }
    }

    /// How many there are.
    var count: Int { open.withLock { $0.all.count } }

    /// One more, which ends with its connection at the latest.
    func add(over channel: any Channel) -> Opening {
        let number = open.withLock { open in
            open.last += 1
            open.all.insert(open.last)
            return open.last
        }
        channel.closeFuture.whenComplete { _ in self.remove(number) }
        return Opening(logs: self, number: number)
    }

    private func remove(_ number: Int) { open.withLock { _ = $0.all.remove(number) } }
}
