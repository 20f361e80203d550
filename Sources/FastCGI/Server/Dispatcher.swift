import Logging

/// Begins a task for each whole request, in which the responder answers it.
struct Dispatcher: Sendable {
    /// The longest body, in bytes, with which a request is begun on the thread that read it.
    ///
    /// A responder may look at the whole body before it first waits. 4 KiB take well below a millisecond, the 256 KiB
    /// that are allowed at most take tens of them: for so long a health check must not wait.
    static let longestBodyInPlace = 4_096

    let files: MemoryFiles
    let bodyLimit: Int
    let logger: Logger
    /// Where such a request goes on when it has waited; `nil` is Swift's own pool.
    let executor: (any TaskExecutor)?
    let responder: @Sendable (FastCGIRequest) async -> FastCGIResponse

    /// Begins to answer a request.
    ///
    /// A request with a small body begins at once, on the thread that calls this (SE-0472), and stays there until it
    /// first waits for something that has not happened yet; what comes after that is done by the executor. So an answer
    /// that waits for nothing wakes no other thread, and comes even when all of those are busy. A larger body goes to
    /// Swift's own threads, from the start and for good.
    /// - Returns: the task; the delivery tells the reactor when it is over.
    func begin(_ delivery: Delivery) -> Task<Void, Never> {
        guard delivery.records.body.count <= Self.longestBodyInPlace else { return Task { await answer(delivery) } }
        return Task.immediate(executorPreference: executor) { await answer(delivery) }
    }

    private func answer(_ delivery: Delivery) async {
        do {
            let exchange = try LibraryExchange(delivery.records, files: files)
            let request = try FastCGIRequest(
                cgiParameters: exchange.parameters, body: exchange.body, records: delivery.records,
                bodyLimit: bodyLimit, isOverloaded: delivery.isOverloaded)
            let response = await responder(request)
            // What a responder says when it was cancelled is not the answer.
            try Task.checkCancellation()
            delivery.finish(sending: try exchange.answer(response))
        } catch let fault as CGIFault {
            logger.notice("connection refused: no HTTP request", metadata: ["reason": "\(fault.rawValue)"])
            delivery.abandon()
        } catch is CancellationError {
            delivery.abandon()
        } catch {
            logger.error("exchange failed", metadata: ["error": "\(error)"])
            delivery.abandon()
        }
    }
}

/// A whole request on its way from the reactor to the task that serves it.
struct Delivery: Sendable {
    let records: RequestRecords
    let isOverloaded: Bool
    let channel: Channel
    let mailbox: Mailbox

    /// Sends the response, as far as the peer takes it at once, and closes the connection behind its last byte.
    ///
    /// The usual response goes out in one call, here, and the reactor need not wake for it.
    func finish(sending response: [UInt8]) {
        switch channel.send(response) {
        case .partly: mailbox.post(.unsent(channel.key), isUrgent: true)
        case .all, .closed: abandon()
        }
    }

    /// Closes the connection, without a response if there was none.
    func abandon() {
        channel.close()
        mailbox.post(.finished(channel.key), isUrgent: false)
    }
}
