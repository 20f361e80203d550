extension Reactor {
    /// Closes the listening socket; the connections in its queue must have been accepted before.
    func stopListening() {
        guard listener.isOpen else { return }
        if isListening { poller.remove(listener.descriptor) }
        isListening = false
        resumption = nil
        listener.close()
    }

    /// The graceful stop: what has begun is finished.
    func stop() {
        guard !isStopping else { return }
        mailbox.makeEverythingUrgent()
        // What is in the queue will be answered; newcomers no longer find the file.
        listener.unlink()
        if failure == nil {
            for _ in 0..<limits.backlog { guard acceptOne() else { break } }
        }
        isStopping = true
        nextSweep = now
        stopListening()
        for connection in connections.values { perform(connection.machine.stop(now: now), on: connection) }
    }

    /// The abrupt end: every connection is closed, and what is being served is cancelled.
    func abort() {
        mailbox.makeEverythingUrgent()
        isStopping = true
        stopListening()
        for connection in connections.values { perform(connection.machine.abort(), on: connection) }
    }
}
