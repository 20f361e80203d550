import AsyncHTTPClient
import JSON
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks a Harbor registry for what a deployment needs to know: which image a tag is, and that a project exists.
///
/// An administrator names the registry, so it may be anywhere. Its certificate is verified. Each question ends within the time
/// limit, whatever the registry does.
public final class HarborClient: Sendable {
    private let address: HarborAddress
    private let credentials: HarborCredentials?
    private let time: Duration
    private let client: HTTPClient
    private let logger: Logger

    /// A client; `shutdown` must be called when it is no longer needed.
    ///
    /// - Parameters:
    ///   - credentials: who asks; without them projects cannot be made.
    ///   - authorities: a file with certificates in PEM of authorities that are trusted beside the system's.
    ///   - time: how long a question may take.
    public init(
        address: HarborAddress, credentials: HarborCredentials? = nil, authorities: String? = nil,
        time: Duration = .seconds(3), logger: Logger
    ) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(3)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        if let authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.file(authorities)]
            configuration.tlsConfiguration = tls
        }
        self.address = address
        self.credentials = credentials
        self.time = time
        self.logger = logger
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections.
    public func shutdown() async { try? await client.shutdown() }

    /// Whether it has credentials, without which it can make no projects.
    public var hasCredentials: Bool { credentials != nil }

    /// The digest of the image that a tag names now (`HEAD` of its manifest, OCI distribution specification).
    ///
    /// - Parameter repository: the project and the name in it, as `tool-demo/web`.
    /// - Returns: `nil` if there is no such tag.
    /// - Throws: `HarborError`.
    public func digest(ofTag tag: String, in repository: String) async throws(HarborError) -> String? {
        var request = HTTPClientRequest(url: "\(address.url)/v2/\(repository)/manifests/\(tag)")
        request.method = .HEAD
        request.headers.add(name: "Accept", value: Self.manifestTypes)
        let response = try await execute(request)
        switch response.status.code {
        case 200:
            guard let digest = response.headers.first(name: "Docker-Content-Digest"), Self.isDigest(digest) else {
                throw HarborError(.invalidResponse, "the registry \(address.host) names no digest")
            }
            return digest
        case 404: return nil
        default: throw refusal(response.status)
        }
    }

    /// Makes a project, unless it exists.
    ///
    /// - Throws: `HarborError` if it may not exist.
    public func ensureProject(_ name: String) async throws(HarborError) {
        var request = HTTPClientRequest(url: "\(address.url)/api/v2.0/projects")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        // What is built is run by others who have no credentials.
        let body: JSONValue = ["project_name": .string(name), "metadata": ["public": "true"]]
        request.body = .bytes(ByteBuffer(bytes: body.serialized()))
        let response = try await execute(request)
        switch response.status.code {
        case 201, 409: return
        default: throw refusal(response.status)
        }
    }

    private static let manifestTypes = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ].joined(separator: ", ")

    private static func isDigest(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z0-9]+:[0-9a-f]{32,128}/) != nil
    }

    private func execute(_ request: HTTPClientRequest) async throws(HarborError) -> HTTPClientResponse {
        var request = request
        request.headers.add(name: "User-Agent", value: "components-api")
        if let credentials { request.headers.add(name: "Authorization", value: credentials.authorization) }
        let end = ContinuousClock.now + time
        do {
            let response = try await client.execute(
                request, timeout: .nanoseconds(Int64(time / .nanoseconds(1))), logger: logger)
            await Self.discardBody(of: response, until: end)
            return response
        } catch {
            logger.debug("registry failed", metadata: ["host": "\(address.host)", "error": "\(error)"])
            throw HarborError(
                .unreachable, "the registry \(address.host) cannot be reached, or does not answer in \(time)")
        }
    }

    /// Reads what is in a response, which tells nothing, so that its connection can be used again.
    ///
    /// One that goes on too long is broken off.
    private static func discardBody(of response: HTTPClientResponse, until end: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await response.body.collect(upTo: 65_536) }
            group.addTask { try? await Task.sleep(until: end, clock: .continuous) }
            _ = await group.next()
            group.cancelAll()
        }
    }

    private func refusal(_ status: HTTPResponseStatus) -> HarborError {
        switch status.code {
        case 401, 403:
            HarborError(
                .refused,
                hasCredentials
                    ? "the registry \(address.host) does not accept this service's credentials"
                    : "the registry \(address.host) asks for credentials, and this service has none")
        default: HarborError(.invalidResponse, "the registry \(address.host) answers with status \(status.code)")
        }
    }
}
