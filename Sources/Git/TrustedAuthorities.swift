import NIOCore
import NIOSSL

/// The authorities that hosts are verified with which strangers name, the system's read once.
///
/// To read the system's takes many times as long as a question and its answer, and each question has a client of its own.
struct TrustedAuthorities: Sendable {
    /// TLS that verifies the server with them.
    let configuration: TLSConfiguration

    /// Where Linux distributions keep their authorities in one file.
    private static let systemFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ]

    private static let system = systemFiles.lazy.compactMap { try? NIOSSLCertificate.fromPEMFile($0) }
        .first { !$0.isEmpty }

    /// Reads them; where the system's are not found, they are read for each connection.
    ///
    /// - Parameter file: certificates in PEM of authorities that are trusted beside the system's.
    init(beside file: String?) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // A host that does not close its side has answered all the same: nobody waits for that.
        configuration.shutdownTimeout = .milliseconds(250)
        if let system = Self.system { configuration.trustRoots = .certificates(system) }
        if let file {
            let own = try? NIOSSLCertificate.fromPEMFile(file)
            configuration.additionalTrustRoots = [own.map { .certificates($0) } ?? .file(file)]
        }
        self.configuration = configuration
    }
}
