/// A whole request on its way from the reactor to the task that answers it.
struct Delivery: Sendable {
    let records: RequestRecords
    let isOverloaded: Bool
    /// Whether bytes of the next request have come with this one.
    let hasMoreInput: Bool
    let channel: Channel
    let mailbox: Mailbox

    /// Sends the answer, as far as the peer takes it at once, and gives the connection back to the reactor.
    ///
    /// The usual answer goes out in one call, here, and the reactor need not wake for it.
    func finish(sending answer: [UInt8]) {
        switch channel.send(answer) {
        case .partly:
            mailbox.post(.unsent(channel.key), isUrgent: true)
        case .all where records.keepsConnection:
            // First the message, then the watch: whatever comes next finds the books in order.
            mailbox.post(.finished(channel.key), isUrgent: hasMoreInput)
            if !hasMoreInput { channel.watch(reading: true) }
        case .all, .closed:
            abandon()
        }
    }

    /// Closes the connection, without an answer if there was none.
    func abandon() {
        channel.close()
        mailbox.post(.finished(channel.key), isUrgent: false)
    }
}
