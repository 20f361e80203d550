import Foundation
import NIOSSL

/// A certificate authority of the tests' own, and what it has signed; made once a run by the openssl command.
struct TestAuthority: Sendable {
    /// A certificate and its key, in PEM.
    struct Identity: Sendable {
        let certificate: [UInt8]
        let key: [UInt8]

        func serverContext() throws -> NIOSSLContext {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
            tls.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: tls)
        }
    }

    /// The one that the clients trust.
    static let trusted = Result { try TestAuthority() }
    /// One that nobody trusts.
    static let foreign = Result { try TestAuthority() }

    let certificate: [UInt8]
    /// Good for 127.0.0.1.
    let server: Identity
    /// Good for `elsewhere.example` alone.
    let elsewhere: Identity
    /// Good for 127.0.0.1 until 2020.
    let expired: Identity

    private init() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "ca.conf",
            """
            [ca]
            default_ca = ca_default
            [ca_default]
            dir = \(folder.path)
            new_certs_dir = \(folder.path)
            database = \(folder.path)/index
            serial = \(folder.path)/serial
            certificate = \(folder.path)/ca.crt
            private_key = \(folder.path)/ca.key
            default_md = sha256
            policy = any
            copy_extensions = copy
            [any]
            commonName = supplied
            """)
        try folder.write("index", "")
        try folder.write("serial", "01")
        try folder.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=authority \(UUID().uuidString)", "-keyout", "ca.key", "-out", "ca.crt")
        certificate = try folder.read("ca.crt")
        server = try Self.identity(in: folder, "server", "IP:127.0.0.1", until: "20491231235959Z")
        elsewhere = try Self.identity(in: folder, "elsewhere", "DNS:elsewhere.example", until: "20491231235959Z")
        expired = try Self.identity(in: folder, "expired", "IP:127.0.0.1", until: "20200101000000Z")
    }

    private static func identity(
        in folder: TemporaryFolder, _ name: String, _ alternativeName: String, until end: String
    ) throws -> Identity {
        try folder.openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(name)",
            "-addext", "subjectAltName=\(alternativeName)", "-keyout", "\(name).key", "-out", "\(name).csr")
        try folder.openssl(
            "ca", "-batch", "-config", "ca.conf", "-startdate", "20190101000000Z", "-enddate", end, "-notext", "-in",
            "\(name).csr", "-out", "\(name).crt")
        return Identity(certificate: try folder.read("\(name).crt"), key: try folder.read("\(name).key"))
    }
}
