/// A ref that a repository has.
struct AdvertisedRef: Equatable {
    /// The whole name: `HEAD`, `refs/heads/main`.
    var name: String
    /// The object that it names: a commit, or an annotated tag.
    var object: String
    /// The object that an annotated tag leads to in the end.
    var peeled: String?
    /// The ref that a symbolic ref names.
    var target: String?

    /// The commit.
    var commit: String { peeled ?? object }
}

/// What a server says of itself and its refs: the response to `info/refs` (gitprotocol-http(5), gitprotocol-pack(5) for
/// versions 0 and 1, gitprotocol-v2(5) for 2) or to the command `ls-refs` of version 2.
struct RefAdvertisement: Equatable {
    /// Why packets are not such a response.
    enum Fault: Error, Equatable {
        /// They do not follow the protocol.
        case malformed
        /// More refs than the limit.
        case tooManyRefs(limit: Int)
        /// The server's own error, in its words.
        case server(String)
    }

    /// The most refs that are read.
    static let maximumRefs = 10_000

    /// The refs, in the server's order; none in the first response of version 2.
    private(set) var refs: [AdvertisedRef] = []
    /// The capabilities of a server of version 2; `nil` of one of version 0 or 1.
    private(set) var capabilities: [String]?

    /// Whether the server has the command `ls-refs`.
    var hasListing: Bool {
        capabilities?.contains { $0 == "ls-refs" || $0.hasPrefix("ls-refs=") } ?? false
    }

    /// The server's hash function, if it is not SHA-1.
    var objectFormat: String? {
        capabilities?.first { $0.hasPrefix("object-format=") }.map { String($0.dropFirst(14)) }
    }

    /// Reads the response to `info/refs`.
    init(advertisement packets: [PacketLineReader.Packet]) throws(Fault) {
        var rest = ArraySlice(packets)
        // Version 2 needs no announcement of the service; some servers send it all the same.
        if try Self.text(rest.first)?.hasPrefix("# service=git-upload-pack") == true {
            rest = rest.dropFirst()
            guard rest.popFirst() == .flush else { throw .malformed }
        }
        let first = try Self.text(rest.first)
        if first == "version 2" {
            var names: [String] = []
            for packet in rest.dropFirst().prefix(while: { $0 != .flush }) {
                guard let name = try Self.text(packet) else { throw .malformed }
                names.append(name)
            }
            capabilities = names
            return
        }
        if first == "version 1" { rest = rest.dropFirst() }
        try readRefs(rest)
    }

    /// Reads the response to `ls-refs`.
    init(listing packets: [PacketLineReader.Packet]) throws(Fault) {
        for packet in packets.prefix(while: { $0 != .flush }) {
            guard let line = try Self.text(packet) else { throw .malformed }
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count >= 2 else { throw .malformed }
            // A branch that HEAD names and that has no commit yet.
            if words[0] == "unborn" { continue }
            var ref = try Self.ref(words[0], words[1])
            for attribute in words.dropFirst(2) {
                if attribute.hasPrefix("symref-target:") { ref.target = String(attribute.dropFirst(14)) }
                if attribute.hasPrefix("peeled:") { ref.peeled = try Self.object(String(attribute.dropFirst(7))) }
            }
            try append(ref)
        }
    }

    /// Versions 0 and 1: the first line carries the capabilities behind a NUL, an annotated tag is followed by its
    /// object under the name with `^{}`.
    private mutating func readRefs(_ packets: ArraySlice<PacketLineReader.Packet>) throws(Fault) {
        var targets: [String: String] = [:]
        for (index, packet) in packets.prefix(while: { $0 != .flush }).enumerated() {
            guard let line = try Self.text(packet) else { throw .malformed }
            if line.hasPrefix("shallow ") { continue }
            let parts = line.split(separator: "\0", maxSplits: 1, omittingEmptySubsequences: false)
            if index == 0, parts.count == 2 {
                for capability in parts[1].split(separator: " ") where capability.hasPrefix("symref=") {
                    let names = capability.dropFirst(7).split(separator: ":", maxSplits: 1)
                    if names.count == 2 { targets[String(names[0])] = String(names[1]) }
                }
            }
            let words = parts[0].split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { throw .malformed }
            var ref = try Self.ref(words[0], words[1])
            // What an empty repository sends to have a place for its capabilities.
            if ref.name == "capabilities^{}" { continue }
            if ref.name.hasSuffix("^{}") {
                guard let last = refs.indices.last, ref.name == refs[last].name + "^{}" else { throw .malformed }
                refs[last].peeled = ref.object
                continue
            }
            ref.target = targets[ref.name]
            try append(ref)
        }
    }

    private mutating func append(_ ref: AdvertisedRef) throws(Fault) {
        guard refs.count < Self.maximumRefs else { throw .tooManyRefs(limit: Self.maximumRefs) }
        refs.append(ref)
    }

    private static func ref(_ id: String, _ name: String) throws(Fault) -> AdvertisedRef {
        guard !name.isEmpty else { throw .malformed }
        return AdvertisedRef(name: name, object: try object(id))
    }

    private static func object(_ id: String) throws(Fault) -> String {
        guard ObjectID.isWhole(id) else { throw .malformed }
        return id
    }

    /// The line of a packet without its line feed; `nil` for a packet that is none, or for none at all.
    private static func text(_ packet: PacketLineReader.Packet?) throws(Fault) -> String? {
        guard case .data(let bytes) = packet else { return nil }
        let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : ArraySlice(bytes)
        if line.starts(with: "ERR ".utf8) {
            throw .server(String(decoding: line.dropFirst(4).prefix(200), as: UTF8.self))
        }
        guard let text = String(validating: line, as: UTF8.self) else { throw .malformed }
        return text
    }
}

/// The name of an object: 40 hexadecimal digits (SHA-1), or 64 (SHA-256).
enum ObjectID {
    /// Whether it is a whole id.
    static func isWhole(_ text: String) -> Bool { [40, 64].contains(text.utf8.count) && isHexadecimal(text) }

    /// Whether it can be the beginning of an id, which git takes in a local repository only.
    static func isShort(_ text: String) -> Bool { (4..<40).contains(text.utf8.count) && isHexadecimal(text) }

    private static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }
}
