import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// Runs a fake cluster for as long as the body takes, and returns the body's result.
///
/// All connections are cut at the end, and builds that still run are stopped.
/// - Throws: `SetUpError` if the cluster cannot be started, else what the body throws.
public func withFakeCluster<Result: Sendable>(
    _ configuration: FakeCluster.Configuration = .init(),
    _ body: @escaping @Sendable (FakeCluster) async throws -> Result
) async throws -> Result {
    let certificate = try await SharedCertificate.shared.certificate(in: configuration.tlsDirectory)
    let api = try FakeCluster.api(configuration)
    let connections = Connections()
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        responder: APIResponder(api: api),
        server: try .fake(certificate, connections),
        configuration: .init(address: .hostname("127.0.0.1", port: configuration.port)),
        onServerRunning: { channel in
            port.yield(channel.localAddress?.port ?? 0)
            port.finish()
        },
        logger: .silent
    )
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            do {
                try await application.run()
            } catch {
                port.finish()
                throw SetUpError(message: "cannot serve on 127.0.0.1:\(configuration.port): \(error)")
            }
            return nil
        }
        group.addTask {
            await api.store.emptyNamespaces(after: configuration.namespaceTermination)
            return nil
        }
        group.addTask {
            await api.store.collectGarbage()
            return nil
        }
        if configuration.runsBuilds {
            group.addTask {
                await api.controls.builder.run()
                return nil
            }
        }
        group.addTask {
            guard let port = await ports.first(where: { _ in true }) else { return nil }
            let cluster = try FakeCluster(api: api, certificate: certificate, token: api.token, port: port)
            if let file = configuration.kubeconfigFile { try cluster.writeKubeconfig(to: file) }
            configuration.logger.info("listening", metadata: ["url": "\(cluster.baseURL)"])
            return try await body(cluster)
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            guard let result else { continue }
            await connections.cutAll()
            return result
        }
        throw SetUpError(message: "the fake cluster stopped before its time")
    }
}

extension FakeCluster {
    fileprivate init(api: API, certificate: ServerCertificate, token: String, port: Int) throws {
        self.init(
            baseURL: "https://127.0.0.1:\(port)", token: token,
            authorityPEM: try String(contentsOfFile: certificate.authority, encoding: .utf8),
            authorityFile: certificate.authority, api: api, certificate: certificate)
    }

    /// Writes the kubeconfig at once and whole: that it exists means that the cluster is ready.
    fileprivate func writeKubeconfig(to file: String) throws {
        let temporary = "\(file).\(getpid())"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(kubeconfig.utf8), attributes: [.posixPermissions: 0o600]),
            rename(temporary, file) == 0
        else { throw SetUpError(message: "cannot write \(file)") }
    }

    fileprivate static func api(_ configuration: Configuration) throws -> API {
        let store = ClusterStore()
        try store.write { state throws(StatusError) in
            for name in ["default"] + configuration.namespaces { try state.ensureNamespace(name, now: Date()) }
        }
        if let directory = configuration.customResources {
            for crd in try CustomResourceFiles.read(directory) { try store.install(crd) }
        }
        let token = "fake-" + UUID().uuidString.lowercased()
        let authenticator = Authenticator(token: token)
        var settings = BuildSettings(duration: configuration.buildDuration)
        settings.git.certificateAuthority = configuration.gitAuthorityFile
        let builder = Tekton(cluster: store, settings: settings, logger: configuration.logger)
        let (faults, readCost, journal) = (FaultRules(), ReadCost(), Journal())
        return API(
            store: store, authenticator: authenticator, faults: faults, readCost: readCost, journal: journal,
            controls: ControlEndpoints(
                authenticator: authenticator, faults: faults, readCost: readCost, journal: journal, builder: builder),
            token: token)
    }
}

extension Logger {
    /// For the HTTP server, which logs a connection that is cut as an error.
    fileprivate static var silent: Logger { Logger(label: "http") { _ in SwiftLogNoOpLogHandler() } }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 over TLS; a client certificate is optional, and verified if it is sent.
    fileprivate static func fake(_ certificate: ServerCertificate, _ connections: Connections) throws
        -> HTTPServerBuilder
    {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem)))
        tls.trustRoots = .file(certificate.authority)
        tls.certificateVerification = .optionalVerification
        tls.applicationProtocols = ["http/1.1"]
        let configuration = TLSChannelConfiguration(tlsConfiguration: tls)
        let http = HTTP1Channel.Configuration(additionalChannelHandlers: [DepartureHandler()])
        return HTTPServerBuilder { responder in
            TrackedChannel(
                base: try TLSChannel(
                    HTTP1Channel(responder: responder, configuration: http), configuration: configuration),
                connections: connections)
        }
    }
}

/// The certificates of the clusters in this process that name no folder: creating them takes longer than a test.
private actor SharedCertificate {
    static let shared = SharedCertificate()

    private var made: Task<ServerCertificate, any Error>?

    func certificate(in directory: String?) async throws -> ServerCertificate {
        if let directory { return try await ServerCertificate(directory: directory) }
        if let made { return try await made.value }
        let task = Task {
            try await ServerCertificate(
                directory: FileManager.default.temporaryDirectory.path + "/fake-kubernetes-tls-\(getpid())")
        }
        made = task
        return try await task.value
    }
}
