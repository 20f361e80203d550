import Glibc

/// An address as the system's calls take it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// The address of a Unix socket; the path has at most 107 bytes.
    init(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        set(address)
    }

    /// A numeric address of either kind, or `localhost`; no name is ever looked up, which could wait for a network.
    init?(host: String, port: UInt16) {
        var version4 = sockaddr_in()
        var version6 = sockaddr_in6()
        if inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &version4.sin_addr) == 1 {
            version4.sin_family = sa_family_t(AF_INET)
            version4.sin_port = port.bigEndian
            set(version4)
        } else if inet_pton(AF_INET6, host, &version6.sin6_addr) == 1 {
            version6.sin6_family = sa_family_t(AF_INET6)
            version6.sin6_port = port.bigEndian
            set(version6)
        } else {
            return nil
        }
    }

    /// The address that a socket is bound to, or `nil` if it is none.
    init?(of socket: CInt) {
        guard withMutablePointer({ getsockname(socket, $0, $1) }) == 0 else { return nil }
    }

    var family: CInt { CInt(storage.ss_family) }

    /// The path of a Unix socket that has one.
    var path: String? {
        guard family == AF_UNIX, Int(length) > MemoryLayout<sa_family_t>.size else { return nil }
        var copy = storage
        let path = withUnsafeBytes(of: &copy) { bytes in
            String(decoding: bytes[MemoryLayout<sa_family_t>.size..<Int(length)].prefix { $0 != 0 }, as: UTF8.self)
        }
        return path.isEmpty ? nil : path
    }

    /// Whether only processes of this machine can reach it.
    var isLocal: Bool {
        switch family {
        case AF_UNIX: true
        case AF_INET: numericHost.hasPrefix("127.")
        default: numericHost == "::1"
        }
    }

    /// The address in the form of `FastCGIListener.init(parsing:)`.
    var text: String {
        switch family {
        case AF_UNIX: "unix:" + (path ?? "")
        case AF_INET: "tcp:\(numericHost):\(port)"
        default: "tcp:[\(numericHost)]:\(port)"
        }
    }

    /// Calls `body` with the address as the system wants it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            // sockaddr is the common beginning of every kind of address.
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    private mutating func set<Address>(_ address: Address) {
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
        length = socklen_t(MemoryLayout<Address>.size)
    }

    private var port: UInt16 {
        var copy = storage
        // The port stands behind the family in both kinds of address.
        return withUnsafeBytes(of: &copy) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    private var numericHost: String {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = withPointer {
            getnameinfo($0, $1, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        }
        guard result == 0 else { return "" }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
