/// A distinguished name in the form of RFC 4514 (and RFC 2253, whose form nginx and OpenSSL write).
struct DistinguishedName: Equatable {
    /// The relative distinguished names in the order in which they are written, which is the reverse of the certificate's;
    /// each has one attribute or, joined by `+`, several.
    var relativeNames: [[Attribute]]

    /// One attribute.
    struct Attribute: Equatable {
        /// What kind of attribute.
        var type: AttributeType
        /// What it says.
        var value: Value
    }

    /// What an attribute says.
    enum Value: Equatable {
        /// The bytes of a string; they need not be UTF-8.
        case text([UInt8])
        /// The DER encoding of a value that has no string form, written as `#` and hexadecimal digits.
        case encoded([UInt8])
    }

    /// The type of an attribute: a short name or a dotted OID, in lower case; the OIDs of CN and O become those names.
    struct AttributeType: Equatable, CustomStringConvertible {
        /// The name.
        let name: String

        /// RFC 4519, section 2.3.
        static let commonName = AttributeType("CN")
        /// RFC 4519, section 2.19.
        static let organization = AttributeType("O")

        /// The type of that name: types are compared without regard to case (RFC 4514, section 2.3).
        init(_ name: String) {
            switch name.lowercased() {
            case "2.5.4.3", "oid.2.5.4.3", "commonname": self.name = "cn"
            case "2.5.4.10", "oid.2.5.4.10", "organizationname": self.name = "o"
            case let lower: self.name = lower
            }
        }

        var description: String { name.uppercased() }
    }
}

extension DistinguishedName: CustomStringConvertible {
    /// The name as nginx and OpenSSL would write it: what is not printable ASCII is a backslash and two digits a byte.
    var description: String {
        relativeNames.map { $0.map(\.description).joined(separator: "+") }.joined(separator: ",")
    }
}

extension DistinguishedName.Attribute: CustomStringConvertible {
    var description: String {
        switch value {
        case .encoded(let bytes): "\(type)=#" + bytes.map(\.hexPair).joined()
        case .text(let bytes):
            "\(type)="
                + bytes.enumerated().map { index, byte in
                    let isEdge = index == 0 || index == bytes.count - 1
                    return switch byte {
                    case UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
                        UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ";"):
                        "\\\(Unicode.Scalar(byte))"
                    case UInt8(ascii: " ") where isEdge: "\\ "
                    case UInt8(ascii: "#") where index == 0: "\\#"
                    case 0x20..<0x7F: "\(Unicode.Scalar(byte))"
                    default: "\\" + byte.hexPair
                    }
                }.joined()
        }
    }
}

extension UInt8 {
    fileprivate var hexPair: String { (self < 16 ? "0" : "") + String(self, radix: 16, uppercase: true) }
}
