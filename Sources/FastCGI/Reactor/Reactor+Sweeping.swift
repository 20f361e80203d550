import Logging

extension Reactor {
    /// Ends the patience with every connection whose time is over.
    ///
    /// All are looked at, a few times a second at most: with some thousand connections that is cheaper than to keep them
    /// in order for every request.
    func sweep() {
        let late = connections.values.filter { connection in connection.deadline.map { $0 <= now } ?? false }
        for connection in late { expire(connection) }
    }

    private func expire(_ connection: Connection) {
        switch connection.phase {
        case .reading:
            if let records = connection.records.timedOutRequest {
                deliver(records, on: connection)
                return
            }
            if !connection.isSilent { logger.notice("connection closed: the request did not end in time") }
        case .writing:
            logger.notice("connection closed: the peer did not take its answer in time")
        case .serving:
            break
        }
        close(connection)
    }
}
