import TestSupport

extension Array<UInt8> {
    /// Records of random types, ids, lengths and contents, often nearly valid; some with a flipped bit.
    static func randomRecords(using random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = Bool.random(using: &random) ? .begin(keep: .random(using: &random)) : []
        if Int.random(in: 0..<4, using: &random) == 0 { bytes = .request(keep: true) + bytes }
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            let type =
                [1, 2, 4, 4, 4, 5, 5, 9, 77, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)
                ?? 4
            let id =
                [0, 1, 1, 1, 1, 2, UInt16.random(in: 0...UInt16.max, using: &random)].randomElement(using: &random) ?? 1
            let content: [UInt8]
            switch Int.random(in: 0..<5, using: &random) {
            case 0: content = []
            case 1: content = .pair("REQUEST_METHOD", "GET") + .pair("REQUEST_URI", "/") + .pair("FCGI_MAX_CONNS", "")
            case 2: content = .longLength(.random(in: 0...0x7FFF_FFFF, using: &random)) + .longLength(1 << 30)
            case 3: content = [0, 1, 1, 0, 0, 0, 0, 0]
            default:
                content = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            bytes += record(
                type, id: id, content, padding: .random(in: 0...255, using: &random),
                version: Int.random(in: 0..<20, using: &random) == 0 ? 3 : 1)
        }
        if Bool.random(using: &random), !bytes.isEmpty {
            bytes[.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
        }
        return bytes
    }
}
