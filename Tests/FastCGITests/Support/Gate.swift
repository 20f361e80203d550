import HTTPTypes
import Synchronization

@testable import FastCGI

/// Holds exchanges until the test releases them, and reports when enough have arrived.
final class Gate: Sendable {
    private let expected: Int
    private let arrivals = Mutex(0)
    private let full = Promise<Bool>()
    private let open = Promise<Bool>()

    init(expecting expected: Int = 1) { self.expected = expected }

    /// Waits until as many exchanges as expected are held.
    func untilFull() async { _ = await full.value }

    func release() { open.keep(true) }

    /// Holds requests for `/wait`, and answers others at once with their path.
    @Sendable func respond(_ request: FastCGIRequest) async -> FastCGIResponse {
        if request.head.path == "/wait" {
            let count = arrivals.withLock { count in
                count += 1
                return count
            }
            if count == expected { full.keep(true) }
            _ = await open.value
        }
        let text = request.isOverloaded ? "overloaded" : request.head.path ?? ""
        return FastCGIResponse(head: HTTPResponse(status: .ok), body: Array(text.utf8))
    }
}
