import AsyncHTTPClient
public import Logging
import NIOCore
import NIOHTTP1

/// Asks git's hosts which commit a ref names: smart HTTP, `ls-refs` of protocol version 2, versions 0 and 1 too.
///
/// The URL comes from a stranger: where it leads is checked (`CheckedCalls`), and what is read is limited. Nothing is sent but
/// the question.
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

    private let calls: CheckedCalls
    private let limits: Limits
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
        calls = CheckedCalls(rule: rule, authorities: TrustedAuthorities(beside: authorities), resolver: resolver)
        self.limits = limits
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
        return try await calls.perform(at: address, within: limits.time) { client throws(GitError) in
            try await Conversation(client: client, limits: limits, logger: logger).ask(name, address)
        }
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
