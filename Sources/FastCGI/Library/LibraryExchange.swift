import CFastCGI
import Glibc

/// One request and its response as libfcgi sees them: in memory only.
///
/// libfcgi parses the parameters and the body and frames the response, as the protocol's reference implementation. It never
/// sees a socket: its descriptor is a file in memory that holds the records of one checked request. So it cannot wait, and
/// no peer can reach its parser with anything that `RecordGuard` did not let through.
///
/// This file is the only one that calls libfcgi, hence the pointers.
struct LibraryExchange: ~Copyable, Sendable {
    /// At an address of its own, because the streams that libfcgi makes point back at it.
    ///
    /// libfcgi keeps nothing of an exchange in the thread that uses it.
    // A pointer is not Sendable. Only this exchange has this one, and an exchange cannot be copied.
    private nonisolated(unsafe) let request: UnsafeMutablePointer<FCGX_Request>  // One user at a time.
    private let files: MemoryFiles
    /// What PARAMS held.
    let parameters: [CGIParameter]
    /// What STDIN held.
    let body: [UInt8]

    /// Has libfcgi read a request.
    ///
    /// - Throws: `FastCGIError` with the code `library` if libfcgi finds fault with what was checked before, which would
    ///   be an error in the checks.
    init(_ records: RequestRecords, files: MemoryFiles) throws(FastCGIError) {
        guard Library.isReady else { throw FastCGIError(.library, "libfcgi could not be initialised") }
        let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
        FCGX_InitRequest(request, -1, 0)
        let read: (parameters: [CGIParameter], body: [UInt8])
        do throws(FastCGIError) {
            read = try files.withFile { file throws(FastCGIError) in
                try file.put(records.stream)
                // With a descriptor there already, FCGX_Accept_r does not accept one.
                request.pointee.ipcFd = file.descriptor
                request.pointee.keepConnection = 1
                let result = FCGX_Accept_r(request)
                // -1 if it found fault and closed it.
                file.descriptor = request.pointee.ipcFd
                guard result == 0 else { throw FastCGIError(.library, "libfcgi refused a checked request") }
                let error = FCGX_GetError(request.pointee.in)
                guard error == 0 else { throw FastCGIError(.library, "libfcgi found the parameters incomplete") }
                let body = try Self.read(records.body.count, from: request.pointee.in)
                request.pointee.ipcFd = -1
                // Its buffer of 8 KiB would stay for as long as the responder takes.
                FCGX_FreeStream(&request.pointee.in)
                return (try Self.parameters(request.pointee.envp), body)
            }
        } catch {
            FCGX_Free(request, 0)
            request.deallocate()
            throw error
        }
        self.request = request
        self.files = files
        (parameters, body) = read
    }

    deinit {
        FCGX_Free(request, 0)
        request.deallocate()
    }

    /// Has libfcgi frame a whole response, to the end of the request; the bytes are what the peer has to get.
    consuming func response(head: [UInt8], body: [UInt8]) throws(FastCGIError) -> [UInt8] {
        let request = request
        return try Self.written(to: request, files) {
            let isWritten = Self.put(head[...], to: request) && Self.put(body[...], to: request)
            // What FCGX_Finish_r does, which does it only where there is a stream to read from.
            FCGX_FClose(request.pointee.err)
            return FCGX_FClose(request.pointee.out) == 0 && isWritten
        }
    }

    /// Has libfcgi frame a piece of a response; the bytes are what the peer has to get before it gets those of the next
    /// piece.
    func piece(_ bytes: ArraySlice<UInt8>) throws(FastCGIError) -> [UInt8] {
        let request = request
        return try Self.written(to: request, files) {
            Self.put(bytes, to: request) && FCGX_FFlush(request.pointee.out) == 0
        }
    }

    /// Has libfcgi frame the end of a response that was sent in pieces.
    consuming func end() throws(FastCGIError) -> [UInt8] { try response(head: [], body: []) }

    /// What libfcgi writes while `body` runs, which says whether it could.
    private static func written(
        to request: UnsafeMutablePointer<FCGX_Request>, _ files: MemoryFiles, _ body: () -> Bool
    ) throws(FastCGIError) -> [UInt8] {
        try files.withFile { file throws(FastCGIError) in
            request.pointee.ipcFd = file.descriptor
            // Says that nothing is to be closed; the connection's fate is not libfcgi's business.
            request.pointee.keepConnection = 1
            let isWritten = body()
            // -1 if it could not write.
            file.descriptor = request.pointee.ipcFd
            request.pointee.ipcFd = -1
            guard isWritten, file.descriptor >= 0 else {
                throw FastCGIError(.library, "libfcgi could not write a response")
            }
            return try file.takeWritten()
        }
    }

    private static func put(_ bytes: ArraySlice<UInt8>, to request: UnsafeMutablePointer<FCGX_Request>) -> Bool {
        guard !bytes.isEmpty else { return true }
        return bytes.withUnsafeBytes { bytes in
            FCGX_PutStr(bytes.bindMemory(to: CChar.self).baseAddress, CInt(clamping: bytes.count), request.pointee.out)
                == bytes.count
        }
    }

    /// The stream to its end, which has to come after exactly `count` bytes.
    private static func read(
        _ count: Int, from stream: UnsafeMutablePointer<FCGX_Stream>?
    ) throws(FastCGIError) -> [UInt8] {
        // One byte more than expected: only a read that falls short has seen the end.
        let body = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, length in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                length = Int(FCGX_GetStr(buffer.baseAddress, CInt(buffer.count), stream))
            }
        }
        guard body.count == count, FCGX_HasSeenEOF(stream) != 0, FCGX_GetError(stream) == 0 else {
            throw FastCGIError(.library, "libfcgi read another body than was sent")
        }
        return body
    }

    private static func parameters(_ environment: FCGX_ParamArray?) throws(FastCGIError) -> [CGIParameter] {
        // The first entry is libfcgi's own FCGI_ROLE.
        guard var entry = environment?.successor() else { return [] }
        var parameters: [CGIParameter] = []
        parameters.reserveCapacity(32)
        while let text = entry.pointee {
            entry = entry.successor()
            // libfcgi has put one behind each name, and no name holds one.
            guard let separator = strchr(text, CInt(UInt8(ascii: "="))) else {
                throw FastCGIError(.library, "libfcgi gave a parameter without a value")
            }
            let name = UnsafeRawBufferPointer(start: text, count: separator - text)
            let value = UnsafeRawBufferPointer(start: separator + 1, count: strlen(separator + 1))
            parameters.append(
                CGIParameter(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
            )
        }
        return parameters
    }
}

/// libfcgi as a whole.
enum Library {
    /// Whether libfcgi is ready: initialised once a process, and without its signal handlers.
    ///
    /// `FCGX_Init` replaces the handlers of SIGPIPE, SIGUSR1 and SIGTERM, also where they were ignored. They are put back,
    /// but SIGPIPE is ignored: without that a write to a socket whose peer is gone would end the process.
    static let isReady: Bool = {
        var terminate = sigaction()
        var user = sigaction()
        sigaction(SIGTERM, nil, &terminate)
        sigaction(SIGUSR1, nil, &user)
        let result = FCGX_Init()
        sigaction(SIGTERM, &terminate, nil)
        sigaction(SIGUSR1, &user, nil)
        signal(SIGPIPE, SIG_IGN)
        return result == 0
    }()
}
