import Foundation
import Logging
import Synchronization

/// Gives the token for the next request, from the file that holds it.
final class Credentials: Sendable {
    private let file: String?
    private let cache: Mutex<TokenCache>
    private let logger: Logger

    init(configuration: KubernetesConfiguration, logger: Logger) {
        file = configuration.tokenFile
        cache = Mutex(TokenCache(token: configuration.token))
        self.logger = logger
    }

    /// The current token; `nil` where the client has none.
    func current() -> BearerToken? {
        cache.withLock { cache in
            if file != nil, cache.needsReading(now: .now, wallClock: Date()) { read(into: &cache) }
            return cache.token
        }
    }

    /// Reads the file at once, because the server refused a token; whether there is another one since.
    func renewed(after refused: BearerToken?) -> Bool {
        guard file != nil else { return false }
        return cache.withLock { cache in
            // Another call may have read it meanwhile.
            if cache.token == refused { read(into: &cache) }
            return cache.token != nil && cache.token != refused
        }
    }

    private func read(into cache: inout TokenCache) {
        guard let file else { return }
        let bytes = try? SmallFile.read(file)
        let token = bytes.flatMap { BearerToken(String(decoding: $0, as: UTF8.self)) }
        if token == nil {
            logger.debug("Kubernetes token file not readable now", metadata: ["file": "\(file)"])
        }
        cache.wasRead(token, now: .now)
    }
}
