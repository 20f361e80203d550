import Foundation
import Subprocess

/// The certificate authority and the server's certificate, as files that the `openssl` command makes.
struct ServerCertificate: Sendable {
    let directory: String

    var authority: String { directory + "/ca.crt" }
    var certificate: String { directory + "/server.crt" }
    var key: String { directory + "/server.key" }
    private var authorityKey: String { directory + "/ca.key" }

    /// Uses the files in the directory, and creates those that are missing.
    init(directory: String) async throws {
        self.directory = directory
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if !files.fileExists(atPath: authority) || !files.fileExists(atPath: authorityKey) {
            try await openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                "-subj", "/CN=fake-kubernetes-ca", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", authorityKey, "-out", authority)
        }
        guard !files.fileExists(atPath: certificate) || !files.fileExists(atPath: key) else { return }
        try await issue(
            "server", subject: "/CN=fake-kubernetes",
            extensions: "subjectAltName=DNS:localhost,DNS:kubernetes,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n"
        )
    }

    /// Makes a client certificate that the server takes for a user with all rights: `NAME.crt` and `NAME.key`.
    func issueClient(_ name: String) async throws {
        try await issue(name, subject: "/CN=\(name)", extensions: "extendedKeyUsage=clientAuth\n")
    }

    private func issue(_ name: String, subject: String, extensions: String) async throws {
        let request = "\(directory)/\(name).csr"
        let file = "\(directory)/\(name).ext"
        try extensions.write(toFile: file, atomically: true, encoding: .utf8)
        try await openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-keyout", "\(directory)/\(name).key", "-out", request)
        try await openssl(
            "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial", "-days",
            "3650",
            "-extfile", file, "-out", "\(directory)/\(name).crt")
        for file in [request, file] { try FileManager.default.removeItem(atPath: file) }
    }

    private func openssl(_ arguments: String...) async throws {
        let result = try await Subprocess.run(
            .name("openssl"), arguments: Arguments(arguments), output: .discarded, error: .string(limit: 65_536))
        guard result.terminationStatus.isSuccess else {
            throw SetUpError(message: "openssl \(arguments[0]) failed: \(result.standardError)")
        }
    }
}

/// Why the fake cluster does not start.
public struct SetUpError: Error, CustomStringConvertible {
    /// A sentence for the person who started it.
    public let message: String

    /// The message.
    public var description: String { message }
}
