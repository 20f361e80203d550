import Logging

/// Starts a task for each whole request, in which the responder serves it.
struct Dispatcher: Sendable {
    let files: MemoryFiles
    let bodyLimit: Int
    let logger: Logger
    let startTask: FastCGIServer.TaskStarter
    let responder: FastCGIServer.Responder

    /// Starts the task of one request; the delivery reports to the reactor when it is over.
    func begin(_ delivery: Delivery) -> Task<Void, Never> { startTask { await serve(delivery) } }

    private func serve(_ delivery: Delivery) async {
        do {
            let exchange = delivery.exchange
            let response = await responder(
                try exchange.request(
                    bodyLimit: bodyLimit, isOverloaded: delivery.isOverloaded, beginWait: delivery.beginWait))
            switch response.body {
            case .bytes(let body):
                delivery.finish(sending: try exchange.take().response(head: response.cgiHead, body: body))
            case .stream(let body):
                await stream(
                    body, head: response.cgiHead, through: FastCGIBodyWriter(exchange, delivery.channel), delivery)
            }
        } catch let fault as CGIFault {
            logger.notice("connection refused: no HTTP request", metadata: ["reason": "\(fault.rawValue)"])
            delivery.abandon()
        } catch {
            logger.error("exchange failed", metadata: ["error": "\(error)"])
            delivery.abandon()
        }
    }

    /// Sends a response whose body is a stream; one that fails is broken off, so that nobody takes it for complete.
    private func stream(
        _ body: FastCGIResponse.Stream, head: [UInt8], through writer: consuming FastCGIBodyWriter, _ delivery: Delivery
    ) async {
        delivery.beginStream()
        do {
            var writer = writer
            // If this fails, so does the first piece, or else the end.
            try? await writer.write(head)
            try await body(&writer)
            delivery.finish(sending: try writer.end())
        } catch {
            logger.debug("stream broken off", metadata: ["error": "\(error)"])
            delivery.finish(sending: .brokenOff)
        }
    }
}

/// A whole request on its way from the reactor to the task that serves it.
struct Delivery: Sendable {
    let exchange: HeldExchange
    let isOverloaded: Bool
    let channel: Channel
    let mailbox: Mailbox

    /// Says that the response has to wait, so that the reactor notices when the peer is gone.
    @Sendable func beginWait() {
        exchange.letGo()
        mailbox.post(.waiting(channel.key), isUrgent: true)
    }

    /// Says that the response will be sent piece by piece, so that the reactor notices when the peer is gone.
    func beginStream() { mailbox.post(.streaming(channel.key), isUrgent: true) }

    /// Sends the response, or its end, as far as the peer takes it at once, and closes the connection behind its last byte.
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
        // In this order: a peer that has seen the end of its connection is not counted as in flight beside its next one.
        mailbox.post(.finished(channel.key), isUrgent: false)
        channel.close()
    }
}
