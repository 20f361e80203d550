import CFastCGI
import Glibc
import Logging

extension Reactor {
    /// Watches the listening socket.
    func listen() {
        resumption = nil
        guard !isListening, !isStopping else { return }
        isListening = poller.add(listener.descriptor, [.reading, .exclusive], key: Self.listenerKey)
        if !isListening {
            failure = .system("epoll_ctl", "watching the listening socket")
            isStopping = true
        }
    }

    /// Accepts the connections that wait, but not for ever: those that are open wait too.
    func accept() {
        for _ in 0..<256 where isListening {
            guard acceptOne() else { return }
            readMail()
        }
    }

    /// Accepts a connection; false if none waits, or if none can be accepted now.
    func acceptOne() -> Bool {
        let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = accept4(listener.descriptor, nil, nil, flags)
        guard descriptor < 0 else {
            welcome(descriptor)
            return true
        }
        switch errno {
        case EAGAIN:
            return false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            // The connections that wait stay in the queue; descriptors come back when exchanges end.
            logger.warning("accepting paused: the system has no descriptor left", metadata: ["errno": "\(errno)"])
            pauseListening()
            return false
        case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP:
            // Another process that shares the socket has shut it down: it will never give a connection again.
            failure = .system("accept4", "accepting connections: the listening socket was shut down")
            stop()
            return false
        default:
            // The connection broke before it was accepted, or the network reported an error for it: accept(2).
            return true
        }
    }

    private func welcome(_ descriptor: CInt) {
        lastKey += 1
        let channel = Channel(descriptor: descriptor, key: lastKey, poller: poller)
        if let refusal = refusal(of: descriptor) {
            logger.notice("connection refused", metadata: ["reason": "\(refusal)"])
            channel.close()
            return
        }
        let connection = Connection(channel: channel, machine: ConnectionStateMachine(limits: limits, now: now))
        connections[channel.key] = connection
        // Most web servers have sent their request by now: then epoll need not know of the connection at all.
        perform(.read, on: connection)
    }

    /// Why a connection is closed before one byte of it is read, or `nil`.
    private func refusal(of descriptor: CInt) -> String? {
        guard connections.count < limits.maximumConnections else { return "too many connections" }
        guard listener.hasPeerCredentials else {
            // A response is sent in one piece: there is nothing to wait for that could be sent with it.
            var yes: CInt = 1
            setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
            return nil
        }
        var peer = CFastCGI_credentials()
        var length = socklen_t(MemoryLayout<CFastCGI_credentials>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { return "unknown user" }
        return allowedUserIDs.contains(peer.uid) ? nil : "user \(peer.uid) is not in the allow-list"
    }

    private func pauseListening() {
        poller.remove(listener.descriptor)
        isListening = false
        resumption = now + .milliseconds(50)
    }
}
