import Testing

@testable import Git

struct PacketLineReaderTests {
    private func packets(_ text: String, limit: Int = 1_000) throws -> [PacketLineReader.Packet] {
        var reader = PacketLineReader(limit: limit)
        let packets = try reader.read(Array(text.utf8))
        try reader.finish()
        return packets
    }

    private func fault(_ text: String, limit: Int = 1_000) -> PacketLineReader.Fault? {
        do {
            _ = try packets(text, limit: limit)
            return nil
        } catch {
            return error as? PacketLineReader.Fault
        }
    }

    @Test func readsLinesAndSpecialPackets() throws {
        #expect(
            try packets("0006a\n0004000000010002000bfoobar\n") == [
                .data(Array("a\n".utf8)), .data([]), .flush, .delimiter, .responseEnd, .data(Array("foobar\n".utf8)),
            ])
        #expect(try packets("").isEmpty)
    }

    @Test func readsTheSameHoweverTheBytesAreCut() throws {
        let text = Array("0006a\n0000000bfoobar\n00010002000AABCDEF".utf8)
        let whole = try packets(String(decoding: text, as: UTF8.self))
        for size in 1...text.count {
            var reader = PacketLineReader(limit: 1_000)
            var packets: [PacketLineReader.Packet] = []
            for start in stride(from: 0, to: text.count, by: size) {
                packets += try reader.read(text[start..<min(start + size, text.count)])
            }
            try reader.finish()
            #expect(packets == whole, "pieces of \(size)")
        }
    }

    @Test(
        arguments: [
            ("0003", .invalidLength), ("00g0", .invalidLength), ("-001", .invalidLength), ("00é", .invalidLength),
            ("\u{FF10}000", .invalidLength), ("0", .truncated), ("0006a", .truncated), ("fff0", .truncated),
            ("0000000000000", .tooLong(limit: 12)), ("0014aaaaaaaa", nil),
        ] as [(String, PacketLineReader.Fault?)])
    func refusesWhatIsNoPacket(_ text: String, _ expected: PacketLineReader.Fault?) {
        #expect(fault(text, limit: 12) == expected ?? .truncated)
    }

    @Test func writesWhatItReads() throws {
        for text in ["", "a\n", String(repeating: "x", count: 300)] {
            var reader = PacketLineReader(limit: 1_000)
            #expect(try reader.read(PacketLineReader.packet(text)) == [.data(Array(text.utf8))])
        }
    }
}
