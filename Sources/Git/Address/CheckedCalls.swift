import AsyncHTTPClient
import NIOCore

/// Calls to hosts that strangers name.
///
/// Every address of the host's name is checked before a connection is made, and the connection goes to an address that was
/// checked. No credentials, no cookies, no proxy.
struct CheckedCalls: Sendable {
    let rule: AddressRule
    let authorities: TrustedAuthorities
    let resolver: HostResolver

    /// Runs an exchange with a client that is connected to the host, at the first address that can be connected to.
    ///
    /// - Parameter time: for all of it, the look-up of the host included.
    /// - Throws: `GitError`; `repositoryUnreachable` if the task is cancelled or the time is over.
    func perform<Output: Sendable>(
        at address: RepositoryAddress, within time: Duration,
        _ exchange: @escaping @Sendable (HTTPClient) async throws(GitError) -> Output
    ) async throws(GitError) -> Output {
        let result: Result<Output, GitError> = await withTaskGroup(of: Result<Output, GitError>.self) { group in
            group.addTask {
                do throws(GitError) {
                    let addresses = try await checkedAddresses(of: address)
                    return .success(try await run(exchange, at: address, pinnedTo: addresses, within: time))
                } catch {
                    return .failure(error)
                }
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

    private func run<Output: Sendable>(
        _ exchange: @Sendable (HTTPClient) async throws(GitError) -> Output, at address: RepositoryAddress,
        pinnedTo addresses: [IPAddress], within time: Duration
    ) async throws(GitError) -> Output {
        var failure = GitError(.repositoryUnreachable, "the host \(address.host) cannot be reached")
        for pinned in addresses.prefix(3) {
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: configuration(host: address.bareHost, pinned, within: time))
            let result: Result<Output, GitError>
            do throws(GitError) {
                result = .success(try await exchange(client))
            } catch {
                result = .failure(error)
            }
            // Its connections are idle, or belong to an exchange that failed.
            try? await client.shutdown()
            switch result {
            case .success(let output): return output
            case .failure(let error) where error.code == .repositoryUnreachable && !Task.isCancelled: failure = error
            case .failure(let error): throw error
            }
        }
        throw failure
    }

    private func configuration(
        host: String, _ pinned: IPAddress, within time: Duration
    ) -> HTTPClient.Configuration {
        // Connecting leaves time for the host's next address. Reading may take all that is left.
        let connecting = max(.seconds(3), time / 4)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connecting)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = authorities.configuration
        // The connection goes to the address that was checked; certificate and Host stay those of the name.
        configuration.dnsOverride = [host: pinned.description]
        return configuration
    }
}
