import NIOCore
import Synchronization

/// The body of a request, which notes whether it was asked for.
///
/// The HTTP client asks for it when it has a connection and has written the head. So a request that failed and whose
/// body was not asked for was not executed, whatever the error is called: a server that waits for a body does nothing.
struct ObservedBody: AsyncSequence, Sendable {
    /// Whether the body was asked for.
    final class Mark: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .acquiring) }
        func set() { flag.store(true, ordering: .releasing) }
    }

    let bytes: [UInt8]
    let mark: Mark

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var bytes: [UInt8]?
        fileprivate let mark: Mark

        mutating func next() async -> ByteBuffer? {
            guard let bytes else { return nil }
            self.bytes = nil
            mark.set()
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes, mark: mark) }
}
