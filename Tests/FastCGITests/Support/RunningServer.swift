import FastCGI
import Foundation
import HTTPTypes
import Logging
import ServiceLifecycle
import Synchronization

/// A directory that is removed after the test.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = "/tmp/fastcgi-tests-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// What a responder received, for tests to check.
final class Journal: Sendable {
    private let entries = Mutex<[FastCGIRequest]>([])

    var requests: [FastCGIRequest] { entries.withLock { $0 } }
    var count: Int { entries.withLock { $0.count } }

    func note(_ request: FastCGIRequest) { entries.withLock { $0.append(request) } }

    /// Records the request, and responds with its body or the body's fault.
    @Sendable func echo(_ request: FastCGIRequest) async -> FastCGIResponse {
        note(request)
        switch request.body {
        case .success(let body): return FastCGIResponse(head: HTTPResponse(status: .ok), body: body)
        case .failure(let fault):
            return FastCGIResponse(head: HTTPResponse(status: .badRequest), body: Array("\(fault)".utf8))
        }
    }
}

let silentLogger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// The messages that were logged, without their metadata.
final class LogBook: Sendable {
    private let entries = Mutex<[String]>([])

    var messages: [String] { entries.withLock { $0 } }
    var logger: Logger { Logger(label: "tests") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { book.entries.withLock { $0.append("\(event.message)") } }
    }
}

/// Runs a server on a Unix socket of its own while `body` runs.
func withServer<Value: Sendable>(
    limits: FastCGILimits = FastCGILimits(), allowedUserIDs: Set<UInt32>? = nil, logger: Logger = silentLogger,
    startTask: @escaping FastCGIServer.TaskStarter = { Task(operation: $0) },
    responder: @escaping @Sendable (FastCGIRequest) async -> FastCGIResponse,
    _ body: (_ path: String) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        var listener = try FastCGIListener.unix(path: directory + "/socket")
        if let allowedUserIDs { listener.allowedUserIDs = allowedUserIDs }
        let server = FastCGIServer(
            listener: listener, limits: limits, logger: logger, startTask: startTask, responder: responder)
        let group = ServiceGroup(services: [server], logger: silentLogger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            _ = try await server.localAddress
            let result: Value
            do { result = try await body(directory + "/socket") } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }
}
