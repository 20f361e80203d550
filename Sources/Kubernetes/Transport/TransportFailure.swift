import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// How an attempt ended without a response.
struct TransportFailure: Error {
    enum Kind: Sendable {
        /// No connection could be made.
        case unreachable
        /// The connection, or what came over it, broke.
        case broken
        /// The response is larger than what is read.
        case responseTooLarge
        /// The caller's task was cancelled.
        case cancelled
        /// The deadline passed.
        case timedOut
        /// The request cannot be made: an invalid address, a client that is shut down.
        case unusable
    }

    var kind: Kind
    var message: String
    /// Whether a byte of the request's body was asked for: before that, no server can have executed it.
    var wasSent: Bool
    var cause: any Error
}

extension TransportFailure {
    /// Maps the HTTP client's errors to the classes that matter here.
    init(_ error: any Error, wasSent: Bool) {
        (kind, message) =
            switch error {
            case is CancellationError: (.cancelled, "the request was cancelled")
            case is ResponseAccumulator.ResponseTooBigError:
                (.responseTooLarge, "the response is larger than what is read")
            case let error as HTTPClientError: Self.classified(error)
            case let error as HTTPParserError: (.broken, "the response is not HTTP as it is read here: \(error)")
            case let error as IOError: Self.classified(error)
            case let error as NIOSSLError: Self.classified(error)
            case is NIOSSLExtraError, is BoringSSLError: (.broken, "TLS with the server failed: \(error)")
            // What is left are the errors of connecting and of looking up names.
            default: (.unreachable, "no connection: \(error)")
            }
        self.wasSent = wasSent
        cause = error
    }

    private static func classified(_ error: HTTPClientError) -> (Kind, String) {
        switch error {
        case .cancelled: (.cancelled, "the request was cancelled")
        case .deadlineExceeded: (.timedOut, "the cluster did not answer within the deadline")
        case .connectTimeout, .tlsHandshakeTimeout: (.unreachable, "no connection could be made in time")
        // The cluster need not be away: all connections may be busy.
        case .getConnectionFromPoolTimeout: (.broken, "no connection became free in time")
        case .alreadyShutdown, .invalidURL, .emptyHost, .emptyScheme:
            (.unusable, "the request cannot be sent: \(error.shortDescription)")
        default: (.broken, "the connection failed: \(error.shortDescription)")
        }
    }

    private static func classified(_ error: IOError) -> (Kind, String) {
        let unreachable = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN, ETIMEDOUT]
        return unreachable.contains(error.errnoCode)
            ? (.unreachable, "no connection: \(error)") : (.broken, "the connection failed: \(error)")
    }

    private static func classified(_ error: NIOSSLError) -> (Kind, String) {
        switch error {
        case .uncleanShutdown: (.broken, "the connection was closed")
        default: (.broken, "TLS with the server failed: \(error)")
        }
    }
}

extension KubernetesError {
    /// Whether TLS with the API server failed: its certificate is not trusted, or it does not accept the client's.
    public var isTLSFailure: Bool {
        switch cause {
        case NIOSSLError.uncleanShutdown?: false
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: true
        default: false
        }
    }
}
