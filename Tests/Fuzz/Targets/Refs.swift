@testable import Git

/// A response of a git server is the same packets however its bytes are cut, and lists refs that are refs.
@_cdecl("LLVMFuzzerTestOneInput")
public func target(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count) { bytes in
        // The first byte says how the rest is cut.
        guard let cut = bytes.first else { return }
        let stream = Array(bytes.dropFirst())
        let whole = packets(stream) { $0 }
        var state = cut
        let pieces = packets(stream) { left in
            state = state &* 37 &+ 11
            return min(left, Int(state % 61) + 1)
        }
        require(whole == pieces, "the same packets however the bytes are cut")
        require(whole == packets(stream) { _ in 1 }, "also byte by byte")
        guard let whole else { return }
        require(
            whole.reduce(0) { $0 + size($1) } == stream.count, "every byte belongs to a packet")
        for read in [try? RefAdvertisement(advertisement: whole), try? RefAdvertisement(listing: whole)] {
            guard let read else { continue }
            require(read.refs.count <= whole.count, "a ref needs a packet")
            for ref in read.refs {
                require(!ref.name.isEmpty, "a ref has a name")
                require(ObjectID.isWhole(ref.commit) && ObjectID.isWhole(ref.object), "a ref names an object")
            }
        }
    }
}

/// The packets of a stream that comes in pieces of the sizes that `next` gives; `nil` if it is no stream of packets.
private func packets(_ stream: [UInt8], next: (_ left: Int) -> Int) -> [PacketLineReader.Packet]? {
    var reader = PacketLineReader(limit: 3_000)
    var packets: [PacketLineReader.Packet] = []
    var rest = stream[...]
    do {
        while !rest.isEmpty {
            let piece = rest.prefix(next(rest.count))
            rest = rest.dropFirst(piece.count)
            packets += try reader.read(piece)
        }
        try reader.finish()
        return packets
    } catch {
        return nil
    }
}

private func size(_ packet: PacketLineReader.Packet) -> Int {
    if case .data(let bytes) = packet { bytes.count + 4 } else { 4 }
}
