import AsyncHTTPClient
public import Logging
import NIOCore
import NIOHTTP1

/// Fetches a small file from a URL that a stranger wrote: by the rules by which `GitClient` calls git's hosts.
public struct FileClient: Sendable {
    /// What one file may cost.
    public struct Limits: Sendable, Equatable {
        /// The time for all of it, the look-up of the host included.
        public var time: Duration = .seconds(10)
        /// The bytes of the file.
        public var bytes = 256 << 10
        /// The redirects that are followed, on the same host.
        public var redirects = 2

        /// 10 s, 256 KiB, 2 redirects.
        public init() {}
    }

    private let calls: CheckedCalls
    private let limits: Limits
    private let logger: Logger

    /// A client.
    ///
    /// - Parameters:
    ///   - rule: which addresses may be called.
    ///   - authorities: a file with certificates in PEM of authorities that are trusted beside the system's.
    public init(
        rule: AddressRule = AddressRule(), limits: Limits = Limits(), authorities: String? = nil, logger: Logger
    ) {
        self.init(rule: rule, limits: limits, authorities: authorities, resolver: .system, logger: logger)
    }

    init(rule: AddressRule, limits: Limits, authorities: String? = nil, resolver: HostResolver, logger: Logger) {
        calls = CheckedCalls(rule: rule, authorities: TrustedAuthorities(beside: authorities), resolver: resolver)
        self.limits = limits
        self.logger = logger
    }

    /// The bytes of the file at that URL now, at least one.
    ///
    /// - Throws: `GitError`: what keeps the file from being had; its message never repeats what a host sent.
    public func fetch(_ url: String) async throws(GitError) -> [UInt8] {
        guard let address = RepositoryAddress(url) else {
            throw GitError(.unsupportedScheme, "only http:// and https:// URLs are fetched")
        }
        return try await calls.perform(at: address, within: limits.time) { client throws(GitError) in
            try await fetch(address, with: client)
        }
    }

    private func fetch(_ first: RepositoryAddress, with client: HTTPClient) async throws(GitError) -> [UInt8] {
        var address = first
        for _ in 0...limits.redirects {
            let response = try await ask(client, address)
            switch response.status.code {
            case 200:
                return try await bytes(of: response, at: address)
            case 301, 302, 303, 307, 308:
                guard let next = response.headers.first(name: "Location").flatMap(address.followed) else {
                    throw GitError(
                        .redirected,
                        "the host \(address.host) redirects elsewhere: write the URL that it leads to")
                }
                address = next
            case 401, 403: throw GitError(.fileNotFound, "the host \(address.host) asks for a password")
            case 404, 410: throw GitError(.fileNotFound, "the host \(address.host) has no file at this URL")
            case let status:
                throw GitError(.repositoryUnreachable, "the host \(address.host) fails with status \(status)")
            }
        }
        throw GitError(.redirected, "the host \(address.host) redirects too often: write the URL that it leads to")
    }

    private func ask(_ client: HTTPClient, _ address: RepositoryAddress) async throws(GitError) -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address.text)
        request.headers.add(name: "Accept", value: "application/yaml, application/json, text/plain, */*;q=0.5")
        request.headers.add(name: "User-Agent", value: "components-api")
        do {
            return try await client.execute(request, deadline: .now() + .seconds(15), logger: logger)
        } catch {
            logger.debug("host failed", metadata: ["host": "\(address.host)", "error": "\(error)"])
            throw unreachable(address)
        }
    }

    private func bytes(
        of response: HTTPClientResponse, at address: RepositoryAddress
    ) async throws(GitError) -> [UInt8] {
        let type = response.headers.first(name: "Content-Type")?.lowercased() ?? ""
        guard !type.hasPrefix("text/html") else {
            throw GitError(
                .invalidResponse,
                "the host \(address.host) sends a page: write the URL of the file itself, the one that its page calls raw"
            )
        }
        // Where only the end of the connection ends the file, one that was cut short looks whole (RFC 9112, section 6.3).
        guard response.headers.contains(name: "Content-Length") || response.headers.contains(name: "Transfer-Encoding")
        else {
            throw GitError(
                .invalidResponse,
                "the host \(address.host) does not say how long the file is, so one that was cut short would look whole"
            )
        }
        var bytes: [UInt8] = []
        do {
            for try await piece in response.body {
                bytes += piece.readableBytesView
                guard bytes.count <= limits.bytes else { break }
            }
        } catch {
            throw unreachable(address)
        }
        guard bytes.count <= limits.bytes else {
            throw GitError(.invalidResponse, "the file is longer than \(limits.bytes) bytes")
        }
        guard !bytes.isEmpty else { throw GitError(.invalidResponse, "the file is empty") }
        return bytes
    }

    private func unreachable(_ address: RepositoryAddress) -> GitError {
        GitError(.repositoryUnreachable, "the host \(address.host) cannot be reached, or breaks off the connection")
    }
}
