import Foundation
import Subprocess
import SystemPackage

/// Runs git so that it asks nobody, runs nothing of the repository's and reads no settings but these.
struct GitCommand: Sendable {
    let settings: GitSettings
    /// The folder for everything that git writes.
    let scratch: URL

    /// Where the repository is cloned to.
    var repository: String { scratch.appending(path: "repository").path }

    func runInRepository(_ arguments: [String]) async throws { try await run(["-C", repository] + arguments) }

    /// - Throws: `GitFailure` with git's words if it does not end well.
    func run(_ arguments: [String]) async throws {
        var options = PlatformOptions()
        // Git's helpers must die with it: they share a session of their own.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        let status: TerminationStatus
        let output: String
        do {
            let result = try await Subprocess.run(
                .name("git"), arguments: Arguments(Self.precautions + arguments), environment: .custom(environment()),
                workingDirectory: FilePath(scratch.path), platformOptions: options, output: .discarded,
                error: .string(limit: 1_048_576))
            (status, output) = (result.terminationStatus, result.standardError)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw GitFailure("fatal: git cannot be run: \(error)")
        }
        // Git that was killed because of a cancellation has nothing to say.
        try Task.checkCancellation()
        guard status.isSuccess else { throw GitFailure(output: output, status: "\(status)") }
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
