/// A whole request on its way from the reactor to the task that answers it.
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
