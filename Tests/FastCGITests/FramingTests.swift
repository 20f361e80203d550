import HTTPTypes
import Testing

@testable import FastCGI

/// How libfcgi frames responses, with an exchange that is kept and with exchanges that are begun anew.
struct FramingTests {
    private let files: MemoryFiles

    init() throws { files = try MemoryFiles() }

    @Test func lessThan64KiBOfAPieceAreInMemory() throws {
        var records = RequestRecords(id: 1)
        records.parameters = .pair("REQUEST_METHOD", "GET")
        let exchange = try LibraryExchange(records, files: files)
        let piece = [UInt8](repeating: 65, count: FastCGIBodyWriter.longestPiece)
        #expect(try exchange.piece(piece[...]).count < 65_536)
    }

    /// A response that waited is framed by an exchange that libfcgi begins for it.
    @Test func aResponseIsTheSameAfterAWait() throws {
        var records = RequestRecords(id: 7)
        records.parameters = .pair("REQUEST_METHOD", "GET") + .pair("REQUEST_URI", "/")
        var pieces: [[[UInt8]]] = []
        for waits in [false, true] {
            let held = HeldExchange(records, files: files)
            let request = try held.request(bodyLimit: 10, isOverloaded: false, beginWait: {})
            #expect(request.head.path == "/")
            if waits { held.letGo() }
            let exchange = try held.take()
            let first = try exchange.piece(Array("one".utf8)[...])
            pieces.append([first, try exchange.response(head: Array("two".utf8), body: Array("three".utf8))])
        }
        #expect(pieces[0] == pieces[1])
    }

    /// Each piece of a stream may be framed by an exchange of its own, and so may its end.
    @Test func aStreamIsTheSameByOneExchangeAndByMany() throws {
        var records = RequestRecords(id: 7)
        records.parameters = .pair("REQUEST_METHOD", "GET")
        let texts = ["one", "", "three"].map { Array($0.utf8) }
        let exchange = try LibraryExchange(records, files: files)
        var expected = try texts.map { try exchange.piece($0[...]) }
        expected.append(try exchange.end())
        let held = HeldExchange(records, files: files)
        var framed = try texts.map { try held.take().piece($0[...]) }
        framed.append(try held.take().end())
        #expect(framed == expected)
    }
}
