import AsyncHTTPClient
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks git's hosts which commit a ref names: smart HTTP, `ls-refs` of protocol version 2, versions 0 and 1 too.
///
/// The URL comes from a stranger: every address of the host's name is checked before a connection is made, the
/// connection goes to an address that was checked, and what is read is limited. Nothing is sent but the question: no
/// credentials, no cookies, no proxy.
public struct GitClient: Sendable {
    /// What one question may cost.
    public struct Limits: Sendable, Equatable {
        /// The time for all of it, the look-up of the host included.
        public var time: Duration = .seconds(5)
        /// The bytes of each response.
        public var bytes = 1 << 20
        /// The redirects that are followed, on the same host.
        public var redirects = 2

        /// 5 s, 1 MiB, 2 redirects.
        public init() {}
    }

    private let rule: AddressRule
    private let limits: Limits
    private let authorities: TrustedAuthorities
    private let resolver: HostResolver
    private let logger: Logger

    /// A client.
    ///
    /// - Parameters:
    ///   - rule: which addresses may be called.
    ///   - authorities: a file with certificates in PEM of authorities that are trusted beside the system's; both are read once.
    public init(
        rule: AddressRule = AddressRule(), limits: Limits = Limits(), authorities: String? = nil, logger: Logger
    ) {
        self.init(rule: rule, limits: limits, authorities: authorities, resolver: .system, logger: logger)
    }

    init(
        rule: AddressRule, limits: Limits, authorities: String? = nil, resolver: HostResolver, logger: Logger
    ) {
        self.rule = rule
        self.limits = limits
        self.authorities = TrustedAuthorities(beside: authorities)
        self.resolver = resolver
        self.logger = logger
    }

    /// The commit that a ref of a repository names now.
    ///
    /// A whole commit id is returned as it is, without a call: whether the repository has it is seen when it is cloned.
    ///
    /// - Parameters:
    ///   - ref: a branch, tag or commit, short or whole (`main`, `refs/tags/v1`); `HEAD` if `nil`.
    ///   - repository: its URL.
    /// - Throws: `GitError`; `repositoryUnreachable` if the task is cancelled or the time is over.
    public func resolve(_ ref: String?, in repository: String) async throws(GitError) -> ResolvedRef {
        if let ref, ObjectID.isWhole(ref) { return ResolvedRef(commit: ref.lowercased(), name: nil) }
        guard let address = RepositoryAddress(repository) else {
            throw GitError(.unsupportedScheme, "only refs of http:// and https:// repositories are resolved to commits")
        }
        let name = RefName(text: ref ?? "HEAD")
        return try await withTimeLimit { () throws(GitError) in
            let addresses = try await checkedAddresses(of: address)
            return try await ask(for: name, at: address, pinnedTo: addresses)
        }
    }

    // MARK: - Where to connect

    /// The host's addresses, all of which may be called.
    private func checkedAddresses(of address: RepositoryAddress) async throws(GitError) -> [IPAddress] {
        let host = address.bareHost
        let addresses = if let literal = IPAddress(host) { [literal] } else { await resolver.addresses(host) }
        guard !addresses.isEmpty else {
            throw GitError(.repositoryUnreachable, "the name of the host \(host) has no address")
        }
        guard addresses.allSatisfy(rule.allows) else {
            throw GitError(.addressRefused, "the host \(host) is not on the public internet, so it is not called")
        }
        return addresses
    }

    /// Asks at the first address that can be connected to.
    private func ask(
        for name: RefName, at address: RepositoryAddress, pinnedTo addresses: [IPAddress]
    ) async throws(GitError) -> ResolvedRef {
        var failure = GitError(.repositoryUnreachable, "the host \(address.host) cannot be reached")
        for pinned in addresses.prefix(3) {
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: configuration(host: address.bareHost, pinned))
            let result: Result<ResolvedRef, GitError>
            do throws(GitError) {
                result = .success(
                    try await Conversation(client: client, limits: limits, logger: logger).ask(name, address))
            } catch {
                result = .failure(error)
            }
            // Its connections are idle, or belong to an exchange that failed.
            try? await client.shutdown()
            switch result {
            case .success(let resolved): return resolved
            case .failure(let error) where error.code == .repositoryUnreachable && !Task.isCancelled: failure = error
            case .failure(let error): throw error
            }
        }
        throw failure
    }

    private func configuration(host: String, _ pinned: IPAddress) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(3), read: .seconds(5)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = authorities.configuration
        // The connection goes to the address that was checked; certificate and Host stay those of the name.
        configuration.dnsOverride = [host: pinned.description]
        return configuration
    }

    // MARK: - Time

    private func withTimeLimit<Output: Sendable>(
        _ body: @escaping @Sendable () async throws(GitError) -> Output
    ) async throws(GitError) -> Output {
        let time = limits.time
        let result: Result<Output, GitError> = await withTaskGroup(of: Result<Output, GitError>.self) { group in
            group.addTask {
                do throws(GitError) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                try? await Task.sleep(for: time)
                return .failure(GitError(.repositoryUnreachable, "the host did not answer in \(time)"))
            }
            let first = await group.next() ?? .failure(GitError(.repositoryUnreachable, "there was no answer"))
            group.cancelAll()
            return first
        }
        return try result.get()
    }
}

/// One question and its requests, over one client.
private struct Conversation {
    let client: HTTPClient
    let limits: GitClient.Limits
    let logger: Logger

    func ask(_ name: RefName, _ address: RepositoryAddress) async throws(GitError) -> ResolvedRef {
        let (advertisement, address) = try await advertisement(of: address)
        guard let capabilities = advertisement.capabilities else { return try name.resolve(in: advertisement.refs) }
        guard advertisement.hasListing else {
            throw GitError(.invalidResponse, "the git server of \(address.host) cannot list refs")
        }
        logger.trace("git server", metadata: ["capabilities": "\(capabilities)"])
        var request = HTTPClientRequest(url: address.service)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-git-upload-pack-request")
        request.headers.add(name: "Accept", value: "application/x-git-upload-pack-result")
        request.body = .bytes(Self.listing(name, objectFormat: advertisement.objectFormat))
        let response = try await execute(request, at: address)
        guard response.status == .ok else { throw refusal(response.status, of: address) }
        let packets = try await packets(of: response, type: "application/x-git-upload-pack-result", at: address)
        return try name.resolve(
            in: try read(address) { () throws(RefAdvertisement.Fault) in
                try RefAdvertisement(listing: packets).refs
            })
    }

    /// The first response, and the repository that it was found at.
    private func advertisement(
        of repository: RepositoryAddress
    ) async throws(GitError) -> (RefAdvertisement, RepositoryAddress) {
        var address = repository
        for _ in 0...limits.redirects {
            let response = try await execute(HTTPClientRequest(url: address.advertisement), at: address)
            if [301, 302, 303, 307, 308].contains(response.status.code) {
                guard let location = response.headers.first(name: "Location"),
                    let next = address.redirected(to: location)
                else {
                    throw GitError(
                        .redirected,
                        "the host \(address.host) redirects elsewhere: write the URL that it leads to")
                }
                address = next
                continue
            }
            guard response.status == .ok else { throw refusal(response.status, of: address) }
            let packets = try await packets(
                of: response, type: "application/x-git-upload-pack-advertisement", at: address)
            let read = try read(address) { () throws(RefAdvertisement.Fault) in
                try RefAdvertisement(advertisement: packets)
            }
            return (read, address)
        }
        throw GitError(
            .redirected, "the host \(address.host) redirects too often: write the URL that it leads to")
    }

    /// The command of version 2 (gitprotocol-v2(5), "ls-refs").
    private static func listing(_ name: RefName, objectFormat: String?) -> ByteBuffer {
        var body = PacketLineReader.packet("command=ls-refs\n")
        if let objectFormat { body += PacketLineReader.packet("object-format=\(objectFormat)\n") }
        body += Array("0001".utf8)
        for argument in ["peel", "symrefs"] + name.candidates.map({ "ref-prefix \($0)" }) {
            body += PacketLineReader.packet("\(argument)\n")
        }
        return ByteBuffer(bytes: body + Array("0000".utf8))
    }

    private func execute(
        _ request: HTTPClientRequest, at address: RepositoryAddress
    ) async throws(GitError) -> HTTPClientResponse {
        var request = request
        request.headers.add(name: "Git-Protocol", value: "version=2")
        request.headers.add(name: "User-Agent", value: "git/components-api")
        do {
            return try await client.execute(request, deadline: .now() + .seconds(10), logger: logger)
        } catch {
            logger.debug("git host failed", metadata: ["host": "\(address.host)", "error": "\(error)"])
            throw unreachable(address, error)
        }
    }

    /// The body as packets, read as far as the limit.
    private func packets(
        of response: HTTPClientResponse, type: String, at address: RepositoryAddress
    ) async throws(GitError) -> [PacketLineReader.Packet] {
        let sent = response.headers.first(name: "Content-Type")?.lowercased() ?? ""
        guard sent.hasPrefix(type) else {
            // Others, as text/plain, are what servers of files send: git clones from these, but they list no refs.
            throw sent.hasPrefix("text/html")
                ? GitError(.repositoryNotFound, "there is no git repository at this URL of \(address.host), but a page")
                : GitError(.invalidResponse, "the server of \(address.host) does not speak git's smart protocol")
        }
        var reader = PacketLineReader(limit: limits.bytes)
        var packets: [PacketLineReader.Packet] = []
        do {
            for try await piece in response.body {
                packets += try reader.read(piece.readableBytesView)
            }
            try reader.finish()
        } catch let fault as PacketLineReader.Fault {
            throw invalid(address, fault)
        } catch {
            throw unreachable(address, error)
        }
        return packets
    }

    private func read<Output>(
        _ address: RepositoryAddress, _ body: () throws(RefAdvertisement.Fault) -> Output
    ) throws(GitError) -> Output {
        do {
            return try body()
        } catch {
            switch error {
            case .malformed:
                throw GitError(.invalidResponse, "the git server of \(address.host) sends no valid list of refs")
            case .tooManyRefs(let limit):
                throw GitError(.invalidResponse, "the repository has more than \(limit) refs that begin like this one")
            case .server(let text):
                throw GitError(.repositoryNotFound, "the git server of \(address.host) refuses: \(text)")
            }
        }
    }

    private func invalid(_ address: RepositoryAddress, _ fault: PacketLineReader.Fault) -> GitError {
        switch fault {
        case .tooLong(let limit):
            GitError(.invalidResponse, "the git server of \(address.host) sends more than \(limit) bytes of refs")
        case .invalidLength, .truncated:
            GitError(.invalidResponse, "the git server of \(address.host) sends no valid list of refs")
        }
    }

    private func unreachable(_ address: RepositoryAddress, _ error: any Error) -> GitError {
        GitError(.repositoryUnreachable, "the host \(address.host) cannot be reached, or breaks off the connection")
    }

    private func refusal(_ status: HTTPResponseStatus, of address: RepositoryAddress) -> GitError {
        switch status.code {
        case 401, 403:
            GitError(
                .repositoryPrivate,
                "the host \(address.host) asks for a password: the repository is private, or there is none at this URL")
        case 404, 410: GitError(.repositoryNotFound, "the host \(address.host) has no repository at this URL")
        default: GitError(.repositoryUnreachable, "the host \(address.host) fails with status \(status.code)")
        }
    }
}
