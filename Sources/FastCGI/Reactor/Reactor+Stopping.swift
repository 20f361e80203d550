extension Reactor {
    /// Closes the listening socket; those in its queue must have been accepted before.
    func stopListening() {
        guard listener.isOpen else { return }
        if isListening { poller.remove(listener.descriptor) }
        isListening = false
        resumption = nil
        listener.close()
    }

    /// The graceful stop: what is begun is finished.
    func stop() {
        guard !isStopping else { return }
        mailbox.makeEverythingUrgent()
        // Whoever is in the queue was promised an answer; newcomers no longer find the file.
        listener.unlink()
        if failure == nil {
            for _ in 0..<limits.backlog { guard acceptOne() else { break } }
        }
        isStopping = true
        nextSweep = now
        stopListening()
        for connection in connections.values where connection.isSilent {
            // It may have sent its request just now.
            connection.deadline = min(connection.deadline ?? now, now + limits.stopGrace)
        }
    }

    /// The abrupt end: everybody is cut off, and what is being answered is cancelled.
    ///
    /// Connections whose task goes on stay in the books until it is over, so that the loop ends behind the last one.
    func abort() {
        mailbox.makeEverythingUrgent()
        isStopping = true
        stopListening()
        for connection in Array(connections.values) {
            connection.channel.close()
            if let task = connection.task { task.cancel() } else { connections[connection.key] = nil }
        }
    }
}
