import Glibc

/// An IPv4 or IPv6 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, the first byte of the address first.
    let bytes: [UInt8]

    /// Reads an address as `inet_pton` does: four decimal numbers, or hexadecimal groups; no short or octal forms.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The address in its usual notation.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes {
            inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, $0.baseAddress, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The IPv4 address that this IPv6 address stands for: mapped and compatible (RFC 4291), NAT64 (RFC 6052); any other
    /// address is itself.
    var unwrapped: IPAddress {
        guard bytes.count == 16 else { return self }
        func starts(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
        let zeros = [UInt8](repeating: 0, count: 10)
        if starts(zeros + [0xFF, 0xFF]) || starts(zeros + [0, 0]) && bytes[12] != 0
            || starts([0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8))
        {
            return IPAddress(bytes: Array(bytes[12...]))
        }
        return self
    }

    /// The IPv4 addresses to which a packet to this IPv6 address may be tunnelled: 6to4 (RFC 3056), ISATAP (RFC 5214).
    var tunnelEnds: [IPAddress] {
        guard bytes.count == 16 else { return [] }
        var ends: [IPAddress] = []
        if bytes.starts(with: [0x20, 0x02]) { ends.append(IPAddress(bytes: Array(bytes[2..<6]))) }
        if bytes[8...].starts(with: [0, 0, 0x5E, 0xFE]) || bytes[8...].starts(with: [2, 0, 0x5E, 0xFE]) {
            ends.append(IPAddress(bytes: Array(bytes[12...])))
        }
        return ends
    }
}

/// A range of addresses, as `10.0.0.0/8`.
public struct AddressRange: Sendable, Hashable {
    private let first: IPAddress
    private let length: Int

    /// Reads `ADDRESS/BITS`, or one address.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = IPAddress(String(parts[0])) else { return nil }
        let bits = first.bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length) else { return nil }
        self.first = first
        self.length = length
    }

    /// Whether the range holds the address.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            (address.bytes[bit / 8] ^ first.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}

/// Which addresses this service may call for somebody who writes a URL: those of the public internet alone.
public struct AddressRule: Sendable {
    private let allowed: [AddressRange]
    private let refused: [AddressRange]

    /// A rule.
    ///
    /// - Parameters:
    ///   - allowed: ranges that may be called all the same.
    ///   - refused: public ranges that must not be called: the cluster's own.
    public init(allowing allowed: [AddressRange] = [], refusing refused: [AddressRange] = []) {
        self.allowed = allowed
        self.refused = refused
    }

    /// Whether the address may be called, in whatever form it is wrapped.
    public func allows(_ address: IPAddress) -> Bool {
        allowsItself(address) && address.tunnelEnds.allSatisfy(allowsItself)
    }

    private func allowsItself(_ address: IPAddress) -> Bool {
        let inner = address.unwrapped
        if allowed.contains(where: { $0.contains(inner) || $0.contains(address) }) { return true }
        let isSpecial = Self.special.contains { $0.contains(inner) || $0.contains(address) }
        let isPublic = inner.bytes.count == 4 || Self.globalUnicast.contains { $0.contains(inner) }
        return isPublic && !isSpecial && !refused.contains { $0.contains(inner) || $0.contains(address) }
    }

    /// What IANA has assigned of IPv6 for the public internet.
    private static let globalUnicast = ["2000::/3"].compactMap(AddressRange.init)

    /// IANA's registries of special-purpose addresses (RFC 6890): private, loopback, link-local, shared, multicast,
    /// documentation, benchmarks, reserved; Teredo and NAT64's local prefix, which wrap addresses that cannot be told.
    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "3fff::/20",
    ].compactMap(AddressRange.init)
}
