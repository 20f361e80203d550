/// The way in which the body of a response goes out piece by piece.
///
/// One task has it, and it cannot be copied, so pieces never overtake each other.
public struct FastCGIBodyWriter: ~Copyable {
    /// The longest piece, in bytes, that is framed and sent at a time; framed it is less than 64 KiB.
    static let longestPiece = 32_768
    /// After how many bytes that the peer took at once other tasks get their turn.
    private static let turn = 65_536

    private let exchange: HeldExchange
    private let channel: Channel
    /// How many bytes were sent without a wait.
    private var unbroken = 0
    /// Why nothing can be sent any more.
    private var failure: FastCGIError?

    init(_ exchange: HeldExchange, _ channel: Channel) {
        self.exchange = exchange
        self.channel = channel
    }

    /// Sends bytes, and returns when the system has taken all of them for the peer.
    ///
    /// As long as the peer is slow this waits; meanwhile at most 64 KiB are in memory for it. It goes on to work when the
    /// task is cancelled, so that a stream can say why it ends, until the connection is closed.
    ///
    /// - Throws: `FastCGIError` with the code `connectionClosed` if the peer is gone, took nothing for too long, or the
    ///   server has ended.
    public mutating func write(_ bytes: [UInt8]) async throws(FastCGIError) {
        do throws(FastCGIError) {
            if let failure { throw failure }
            try await send(bytes)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func send(_ bytes: [UInt8]) async throws(FastCGIError) {
        guard !bytes.isEmpty else { return }
        // Not kept until the next call: between two of them may lie minutes.
        let exchange = try exchange.take()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.longestPiece)
            rest = rest[piece.endIndex...]
            guard await channel.stream(try exchange.piece(piece)) else {
                throw FastCGIError(.connectionClosed, "the connection was closed before the response ended")
            }
            unbroken += piece.count
            guard unbroken >= Self.turn else { continue }
            unbroken = 0
            await Task.yield()
        }
    }

    /// The bytes behind the last piece, which end the response.
    ///
    /// - Throws: The error of the piece that could not be sent, if there is one: the response is incomplete.
    consuming func end() throws(FastCGIError) -> [UInt8] {
        if let failure { throw failure }
        return try exchange.take().end()
    }
}
