import Foundation

/// A folder of bare repositories that the installed git makes and serves (`git http-backend`, a CGI program).
struct GitFolder: Sendable {
    struct Failure: Error {
        var description: String
    }

    let root: URL

    /// Runs `body` with a folder of its own.
    static func run<Output>(
        isolation: isolated (any Actor)? = #isolation, _ body: (GitFolder) async throws -> Output
    ) async throws -> Output {
        let root = FileManager.default.temporaryDirectory.appending(path: "git-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        return try await body(GitFolder(root: root))
    }

    /// Runs git in a repository; its output without the last line feed.
    @discardableResult
    func git(_ arguments: String..., in repository: String = ".", input: String = "") async throws -> String {
        let result = try await execute(
            ["git"] + arguments, folder: root.appending(path: repository), environment: [:], input: Array(input.utf8))
        guard result.status == 0 else { throw Failure(description: "git \(arguments): \(result.error)") }
        return String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// A bare repository with one commit on `main`; the commit.
    @discardableResult
    func repository(_ name: String, format: String = "sha1") async throws -> String {
        try await git("init", "--quiet", "--bare", "--initial-branch=main", "--object-format=\(format)", name)
        return try await commit("first", to: "refs/heads/main", in: name)
    }

    /// A commit of its own that a ref names from now on; its id.
    func commit(_ message: String, to ref: String, in repository: String) async throws -> String {
        let tree = try await git("mktree", in: repository)
        let commit = try await git("commit-tree", "-m", message, tree, in: repository)
        try await git("update-ref", ref, commit, in: repository)
        return commit
    }

    /// Answers a request as `git http-backend` does.
    ///
    /// - Parameter version: the highest protocol version that the server speaks.
    @Sendable func respond(to request: StubRequest, version: Int = 2) async throws -> StubResponse {
        let parts = request.target.split(separator: "?", maxSplits: 1).map(String.init)
        var environment = [
            "GIT_PROJECT_ROOT": root.path, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": parts[0],
            "QUERY_STRING": parts.count > 1 ? parts[1] : "", "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request["Content-Type"] ?? "", "CONTENT_LENGTH": String(request.body.count),
            "REMOTE_ADDR": "127.0.0.1",
        ]
        if version > 0 {
            environment["GIT_PROTOCOL"] = request["Git-Protocol"].map { version == 2 ? $0 : "version=\(version)" }
        }
        let result = try await execute(
            ["git", "http-backend"], folder: root, environment: environment, input: request.body)
        let separator = Array("\r\n\r\n".utf8)
        guard let end = result.output.indices.first(where: { result.output[$0...].starts(with: separator) }) else {
            throw Failure(description: "no head: \(result.error)")
        }
        var response = StubResponse(body: Array(result.output[(end + 4)...]))
        for line in String(decoding: result.output[..<end], as: UTF8.self).components(separatedBy: "\r\n") {
            let field = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard field.count == 2 else { continue }
            if field[0] == "Status" {
                response.status = Int(field[1].prefix(3)) ?? 500
            } else {
                response.headers.append((field[0], field[1]))
            }
        }
        return response
    }

    private func execute(
        _ command: [String], folder: URL, environment: [String: String], input: [UInt8]
    ) async throws -> (status: Int32, output: [UInt8], error: String) {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        try Self.executeNow(command, folder: folder, environment: environment, input: input)
                    })
            }
        }
    }

    private static func executeNow(
        _ command: [String], folder: URL, environment: [String: String], input: [UInt8]
    ) throws -> (status: Int32, output: [UInt8], error: String) {
        // Files, and no pipes, so that nothing waits for anything.
        let files = folder.appending(path: UUID().uuidString)
        let paths = ["in", "out", "err"].map { URL(filePath: files.path + $0) }
        defer { paths.forEach { try? FileManager.default.removeItem(at: $0) } }
        try Data(input).write(to: paths[0])
        for path in paths.dropFirst() { try Data().write(to: path) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Test",
            "GIT_AUTHOR_EMAIL": "test@example.org", "GIT_COMMITTER_NAME": "Test",
            "GIT_COMMITTER_EMAIL": "test@example.org",
        ].merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: paths[0])
        process.standardOutput = try FileHandle(forWritingTo: paths[1])
        process.standardError = try FileHandle(forWritingTo: paths[2])
        try process.run()
        process.waitUntilExit()
        let output = try Array(Data(contentsOf: paths[1]))
        return (process.terminationStatus, output, try String(decoding: Data(contentsOf: paths[2]), as: UTF8.self))
    }
}
