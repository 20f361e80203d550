import Foundation
import Synchronization
import Testing

@testable import FastCGI

extension LiveServer {
    /// What concerns the whole process, and so runs in one of its own.
    @Suite struct Processes {
        @Test func serveOnAfterTheirDescriptorsRanOut() async {
            await #expect(processExitsWith: .success) {
                let book = LogBook()
                try await withServer(logger: book.logger, responder: Journal().echo) { path in
                    let statuses = try await onThread {
                        let peers = (0..<40).map { _ in Peer() }
                        var limit = rlimit()
                        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                        limit.rlim_cur = rlim_t(openFiles().count + 2)
                        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                        // The system connects them all; the server has descriptors for a few at a time, which those keep
                        // who say nothing.
                        for peer in peers { try peer.connect(path: path) }
                        // The log tells nobody when a line comes.
                        let line = "accepting paused: the system has no descriptor left"
                        guard look(until: { book.messages.contains(line) }) else { exit(4) }
                        for peer in peers { peer.send(.request()) }
                        return try peers.map { try $0.reply().status }
                    }
                    guard statuses.allSatisfy({ $0 == "Status: 200 OK" }) else { exit(3) }
                }
            }
        }

        /// More exchanges at a time than files in memory were made for, and no descriptor for another one.
        @Test func waitForAFileWhenNoneCanBeMade() async {
            await #expect(processExitsWith: .success) {
                let files = try MemoryFiles()
                // What the first use of a thread opens, if it opens anything, is open.
                try await onThread { try files.withFile { _ in } }
                let isLate = Mutex(false)
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                let original = limit
                @Sendable func hold(_ count: Int) throws {
                    guard count > 0 else {
                        let thread = Thread {
                            let isLent = (try? files.withFile { _ in }) != nil
                            // Who looks for leaks at the end of the process, as a sanitizer does, opens a file.
                            var original = original
                            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &original)
                            exit(isLent && isLate.withLock { $0 } ? 0 : 3)
                        }
                        thread.start()
                        // The thread asks for a file, then tries again and again: nothing outside shows it.
                        usleep(100_000)  // Time for the thread to ask.
                        isLate.withLock { $0 = true }
                        return
                    }
                    var thrown: (any Error)?
                    try files.withFile { _ in do { try hold(count - 1) } catch { thrown = error } }
                    if let thrown { throw thrown }
                }
                limit.rlim_cur = rlim_t(openFiles().count)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                // The numbers in use may have gaps below the limit.
                while dup(STDIN_FILENO) >= 0 {}
                try await onThread { try hold(MemoryFiles.ready) }
                // The thread above ends the process.
                while true { pause() }
            }
        }

        @Test func keepTheirSignalHandlers() async {
            await #expect(processExitsWith: .success) {
                signal(SIGTERM, SIG_IGN)
                signal(SIGUSR1, SIG_DFL)
                signal(SIGPIPE, SIG_DFL)
                try await withServer(responder: Journal().echo) { path in
                    _ = try await onThread { try Peer.exchange(.request(), path: path) }
                }
                let handlers = [SIGTERM, SIGUSR1, SIGPIPE].map { number in
                    var action = sigaction()
                    sigaction(number, nil, &action)
                    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                }
                // SIG_IGN is 1, SIG_DFL 0.
                guard handlers == [1, 0, 1] else { exit(3) }
            }
        }

        @Test func haveAsManyDescriptorsAfterAsBefore() async {
            await #expect(processExitsWith: .success) {
                func round() async throws {
                    try await withServer(responder: Journal().echo) { path in
                        try await onThread {
                            for index in 0..<300 {
                                _ = try Peer.exchange(
                                    .request("POST", "/", body: [1], keep: index % 2 == 0), path: path)
                            }
                        }
                    }
                }
                // The first round opens what the libraries keep.
                try await round()
                let before = openFiles().count
                for _ in 0..<10 { try await round() }
                guard openFiles().count == before else { exit(3) }
            }
        }

        @Test func loseNoRequestToASignal() async {
            await #expect(processExitsWith: .success) {
                let handler: @convention(c) (CInt) -> Void = { _ in }
                signal(SIGUSR2, handler)
                let journal = Journal()
                try await withServer(responder: journal.echo) { path in
                    try await onThread {
                        let body = [UInt8](repeating: 65, count: 100_000)
                        for _ in 0..<1_000 {
                            kill(getpid(), SIGUSR2)
                            let reply = try Peer.exchange(.request("POST", "/", body: body), path: path)
                            guard reply.body.utf8.count == body.count else { exit(3) }
                        }
                    }
                }
            }
        }
    }
}
