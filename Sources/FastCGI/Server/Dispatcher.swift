import Logging

/// Starts a task for each whole request, in which the responder serves it.
struct Dispatcher: Sendable {
    let files: MemoryFiles
    let bodyLimit: Int
    let logger: Logger
    let startTask: FastCGIServer.TaskStarter
    let responder: @Sendable (FastCGIRequest) async -> FastCGIResponse

    /// Starts the task of one request; the delivery reports to the reactor when it is over.
    func begin(_ delivery: Delivery) -> Task<Void, Never> { startTask { await serve(delivery) } }

    private func serve(_ delivery: Delivery) async {
        do {
            let exchange = try LibraryExchange(delivery.records, files: files)
            let request = try FastCGIRequest(
                cgiParameters: exchange.parameters, body: exchange.body, records: delivery.records,
                bodyLimit: bodyLimit, isOverloaded: delivery.isOverloaded)
            let response = await responder(request)
            // What a responder returns when it was cancelled is not the response.
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
