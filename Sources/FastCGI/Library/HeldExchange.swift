import Synchronization

/// What is kept of an exchange between its request and the bytes of its response.
///
/// What a request consisted of goes once it is read. libfcgi keeps 10 KiB of it, most of that an empty buffer; a response
/// that waits for minutes lets go of these too, and so does a stream between two writes. To frame what is sent, libfcgi needs
/// no more than the request's id, and begins an exchange anew for it.
final class HeldExchange: Sendable {
    private let id: UInt16
    private let files: MemoryFiles
    private let records: Mutex<RequestRecords?>
    private let exchange = Mutex<LibraryExchange?>(nil)

    /// An exchange of which nothing is read.
    init(_ records: RequestRecords, files: MemoryFiles) {
        id = records.id
        self.records = Mutex(records)
        self.files = files
    }

    /// The request, as libfcgi reads it; to be called once.
    ///
    /// - Throws: `CGIFault` for parameters that make no request; `FastCGIError` with the code `library`.
    func request(
        bodyLimit: Int, isOverloaded: Bool, beginWait: @escaping @Sendable () -> Void
    ) throws -> FastCGIRequest {
        guard let records = records.withLock({ $0.take() }) else {
            throw FastCGIError(.library, "the request was read before")
        }
        let exchange = try LibraryExchange(records, files: files)
        let (parameters, body) = (exchange.parameters, exchange.body)
        hold(exchange)
        return try FastCGIRequest(
            cgiParameters: parameters, body: body, records: records, bodyLimit: bodyLimit, isOverloaded: isOverloaded,
            beginWait: beginWait)
    }

    private func hold(_ exchange: consuming LibraryExchange) {
        var exchange: LibraryExchange? = exchange
        self.exchange.withLock { $0 = exchange.take() }
    }

    /// Gives back what libfcgi keeps.
    func letGo() { exchange.withLock { $0 = nil } }

    /// The exchange that read the request, if it is still held; otherwise a new one, without parameters and body.
    func take() throws(FastCGIError) -> LibraryExchange {
        if let held = exchange.withLock({ $0.take() }) { return held }
        return try LibraryExchange(RequestRecords(id: id), files: files)
    }
}
