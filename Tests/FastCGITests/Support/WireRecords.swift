import Foundation

/// Records as bytes, valid and not, written without the code under test.
extension Array<UInt8> {
    static func record(
        _ type: UInt8, id: UInt16 = 1, _ content: [UInt8] = [], padding: UInt8 = 0, version: UInt8 = 1
    ) -> [UInt8] {
        let length = UInt16(content.count)
        let header: [UInt8] = [
            version, type, UInt8(id >> 8), UInt8(id & 0xFF), UInt8(length >> 8), UInt8(length & 0xFF), padding, 0,
        ]
        return header + content + [UInt8](repeating: 0xAA, count: Int(padding))
    }

    static func begin(id: UInt16 = 1, keep: Bool = false, role: UInt8 = 1) -> [UInt8] {
        record(1, id: id, [0, role, keep ? 1 : 0, 0, 0, 0, 0, 0])
    }

    static func abort(id: UInt16 = 1) -> [UInt8] { record(2, id: id) }

    static func parameters(_ content: [UInt8], id: UInt16 = 1) -> [UInt8] {
        stream(4, content, id: id)
    }

    static func input(_ content: [UInt8], id: UInt16 = 1) -> [UInt8] { stream(5, content, id: id) }

    static func pair(_ name: String, _ value: String) -> [UInt8] { pair(Array(name.utf8), Array(value.utf8)) }

    static func pair(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
        pairLength(name.count) + pairLength(value.count) + name + value
    }

    static func pairLength(_ length: Int) -> [UInt8] {
        length < 128 ? [UInt8(length)] : longLength(UInt32(length))
    }

    static func longLength(_ length: UInt32) -> [UInt8] {
        [UInt8(length >> 24) | 0x80, UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)]
    }

    /// The content, split into records with some padding, and the empty record after it.
    private static func stream(_ type: UInt8, _ content: [UInt8], id: UInt16) -> [UInt8] {
        var result: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(32_760))
            result += record(type, id: id, part, padding: UInt8((8 - part.count % 8) % 8))
            rest = rest.dropFirst(part.count)
        }
        return result + record(type, id: id)
    }

    /// The content of the STDOUT records that are complete in `bytes`.
    static func output(in bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var position = 0
        while position + 8 <= bytes.count {
            let content = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
            let end = position + 8 + content + Int(bytes[position + 6])
            guard end <= bytes.count else { break }
            if bytes[position + 1] == 6 { output += bytes[(position + 8)..<(position + 8 + content)] }
            position = end
        }
        return output
    }

    /// A complete request as nginx sends it.
    static func request(
        _ method: String = "GET", _ path: String = "/healthz", body: [UInt8] = [], length: String? = nil,
        extra: [(String, String)] = [], id: UInt16 = 1, keep: Bool = false
    ) -> [UInt8] {
        var pairs = pair("REQUEST_METHOD", method) + pair("REQUEST_URI", path)
        pairs += pair("CONTENT_LENGTH", length ?? (body.isEmpty ? "" : "\(body.count)"))
        for (name, value) in extra { pairs += pair(name, value) }
        return begin(id: id, keep: keep) + parameters(pairs, id: id) + input(body, id: id)
    }
}

/// The reply to one request.
struct WireReply: Equatable {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    /// The protocol status of the end-request record: 0 is complete, 1 is "cannot multiplex".
    var ends: [UInt16: UInt8] = [:]

    var text: String { String(decoding: output, as: UTF8.self) }
    var status: String { text.prefix { $0 != "\r\n" }.description }
    var body: String { text.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n") }

    /// Reads complete records from the start of `bytes` until the request `id` has ended; `nil` if it has not.
    init?(taking bytes: inout [UInt8], id: UInt16 = 1) {
        var position = 0
        while position + 8 <= bytes.count {
            let content = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
            let end = position + 8 + content + Int(bytes[position + 6])
            guard end <= bytes.count else { return nil }
            let record = UInt16(bytes[position + 2]) << 8 | UInt16(bytes[position + 3])
            let payload = bytes[(position + 8)..<(position + 8 + content)]
            switch bytes[position + 1] {
            case 6: output += payload
            case 7: errors += payload
            case 3: ends[record] = payload[payload.startIndex + 4]
            default: return nil
            }
            position = end
            if ends[id] != nil {
                bytes.removeFirst(position)
                return
            }
        }
        return nil
    }
}
