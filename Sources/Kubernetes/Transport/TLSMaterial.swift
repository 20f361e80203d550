import NIOCore
import NIOSSL

/// The certificates and key as they were last read.
///
/// They are compared by their bytes: a file that was replaced by an equal one has not changed.
struct TLSMaterial: Equatable {
    var authority: [UInt8]?
    var certificate: [UInt8]?
    var key: [UInt8]?

    init(_ configuration: KubernetesConfiguration) throws(KubernetesError) {
        authority = try configuration.certificateAuthority?.read()
        certificate = try configuration.clientCertificate?.certificate.read()
        key = try configuration.clientCertificate?.key.read()
    }

    /// TLS that verifies the server, unless the configuration explicitly turns that off.
    func tlsConfiguration(skipsVerification: Bool) throws(KubernetesError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        // How long closing a connection waits for the peer's close_notify.
        tls.shutdownTimeout = .milliseconds(500)
        tls.certificateVerification = skipsVerification ? .none : .fullVerification
        if let authority {
            tls.trustRoots = .certificates(try Self.certificates(authority, of: "certificate authority"))
        }
        if let certificate, let key {
            tls.certificateChain = try Self.certificates(certificate, of: "client certificate").map { .certificate($0) }
            do {
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
            } catch {
                // The cause is left out, because it could quote the key.
                throw KubernetesError(.configuration, "the client key is not a key in PEM")
            }
        }
        return tls
    }

    private static func certificates(_ pem: [UInt8], of what: String) throws(KubernetesError) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(pem)
        } catch {
            throw KubernetesError(.configuration, "the \(what) is not a certificate in PEM", cause: error)
        }
        guard !certificates.isEmpty else {
            throw KubernetesError(.configuration, "the \(what) holds no certificate")
        }
        return certificates
    }
}
