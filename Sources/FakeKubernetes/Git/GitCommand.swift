import Foundation
import Subprocess
import SystemPackage

/// Runs git without prompts, without the repository's hooks, and with these settings alone.
struct GitCommand: Sendable {
    let settings: GitSettings
    /// The folder for everything that git writes.
    let scratch: URL

    /// Where the repository is cloned to.
    var repository: String { scratch.appending(path: "repository").path }

    @discardableResult
    func runInRepository(_ arguments: [String]) async throws -> String {
        try await run(["-C", repository] + arguments)
    }

    /// - Returns: What git wrote to its standard output.
    /// - Throws: `GitFailure` with git's message if it does not end well.
    @discardableResult
    func run(_ arguments: [String]) async throws -> String {
        var options = PlatformOptions()
        // Git's helpers must end with it: they share a session.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        let status: TerminationStatus
        let (output, errors): (String, String)
        do {
            let result = try await Subprocess.run(
                .name("git"), arguments: Arguments(Self.precautions + arguments), environment: .custom(environment()),
                workingDirectory: FilePath(scratch.path), platformOptions: options,
                output: .string(limit: 65_536),
                error: .string(limit: 1_048_576))
            (status, output, errors) = (result.terminationStatus, result.standardOutput, result.standardError)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw GitFailure("fatal: git cannot be run: \(error)")
        }
        // Git that was killed by a cancellation has no message.
        try Task.checkCancellation()
        guard status.isSuccess else { throw GitFailure(output: errors, status: "\(status)") }
        return output
    }

    private static let precautions = [
        "-c", "core.hooksPath=/dev/null", "-c", "credential.helper=", "-c", "core.askPass=", "-c",
        "core.fsmonitor=false",
        "-c", "submodule.recurse=false", "-c", "init.templateDir=", "-c", "init.defaultBranch=main", "-c", "gc.auto=0",
        "-c", "advice.detachedHead=false", "-c", "core.symlinks=false",
    ]

    private func environment() throws -> [Environment.Key: String] {
        let inherited = ProcessInfo.processInfo.environment
        var variables: [Environment.Key: String] = [
            "PATH": inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "HOME": scratch.path,
            "XDG_CONFIG_HOME": scratch.path,
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ALLOW_PROTOCOL": settings.transports.joined(separator: ":"),
            "GIT_SSL_CAINFO": try certificates(inherited),
        ]
        if variables["GIT_SSL_CAINFO"] == "" { variables["GIT_SSL_CAINFO"] = nil }
        let proxies: [Environment.Key] = ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"]
        for proxy in proxies { variables[proxy] = inherited[proxy.rawValue] }
        // No proxy reaches the repositories of this machine.
        let direct = [inherited["no_proxy"] ?? inherited["NO_PROXY"], "localhost", "127.0.0.1"]
        variables["no_proxy"] = direct.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ",")
        return variables
    }

    /// A file with the system's certificates and the one that is configured: git reads one file alone.
    private func certificates(_ inherited: [String: String]) throws -> String {
        let system = inherited["GIT_SSL_CAINFO"] ?? inherited["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt"
        guard let own = settings.certificateAuthority else {
            return inherited["GIT_SSL_CAINFO"] ?? inherited["SSL_CERT_FILE"] ?? ""
        }
        let file = scratch.appending(path: "certificates.pem")
        guard !FileManager.default.fileExists(atPath: file.path) else { return file.path }
        var certificates = (try? Data(contentsOf: URL(filePath: system))) ?? Data()
        do {
            certificates.append(Data("\n".utf8))
            certificates.append(try Data(contentsOf: URL(filePath: own)))
            try certificates.write(to: file)
        } catch {
            throw GitFailure("fatal: the certificates in \(own) cannot be read")
        }
        return file.path
    }
}

/// The limits of cloning.
struct GitSettings: Sendable {
    /// After that git is stopped.
    var deadline: Duration = .seconds(60)
    /// The largest size of a repository on disk, in bytes; checked while it is fetched.
    var maximumBytes = 512 * 1024 * 1024
    /// A file of certificates that git trusts in addition to the system's.
    var certificateAuthority: String?
    /// The transports that git may use.
    var transports = ["http", "https", "git"]
    /// Where the folders for clones are made.
    var temporaryDirectory = FileManager.default.temporaryDirectory
}

/// Why a repository could not be cloned.
struct GitFailure: Error, Equatable {
    /// Git's message: one line of at most 1,024 bytes.
    let words: String

    init(_ words: String) { self.words = Self.line(words) }

    /// Git's `fatal:` lines, or else its last line.
    ///
    /// - Parameter status: How the process ended, in case it wrote nothing.
    init(output: String, status: String) {
        let lines = output.split { $0.isNewline }.map { String($0) }.filter { !$0.allSatisfy(\.isWhitespace) }
        let fatal = lines.filter { $0.hasPrefix("fatal:") }
        words = Self.line(
            fatal.isEmpty
                ? lines.last ?? "fatal: git failed without a message: \(status)" : fatal.joined(separator: " "))
    }

    private static func line(_ words: String) -> String {
        var line = ""
        var size = 0
        for scalar in words.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let kept: Unicode.Scalar = isControl ? " " : scalar
            size += UTF8.width(kept)
            guard size <= 1024 else { break }
            line.unicodeScalars.append(kept)
        }
        return line
    }
}
