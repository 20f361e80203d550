import AsyncHTTPClient
import NIOCore
import Synchronization

/// The body of a request, which notes whether it was asked for.
///
/// The HTTP client asks for it when it has a connection and has written the head. So a request that failed and whose
/// body was not asked for was not executed, whatever the error is called: a server that waits for a body does nothing.
enum ObservedBody {
    /// Whether the body was asked for.
    final class Mark: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .acquiring) }
        func set() { flag.store(true, ordering: .releasing) }
    }
}

extension HTTPClient.Body {
    /// A body of these bytes that sets `mark` when it is asked for.
    static func observed(_ bytes: [UInt8], mark: ObservedBody.Mark) -> HTTPClient.Body {
        .stream(contentLength: Int64(bytes.count)) { writer in
            mark.set()
            return writer.write(.byteBuffer(ByteBuffer(bytes: bytes)))
        }
    }
}
