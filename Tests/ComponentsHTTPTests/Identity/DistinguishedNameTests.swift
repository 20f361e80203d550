import TestSupport
import Testing

@testable import ComponentsHTTP

struct DistinguishedNameTests {
    private typealias Attribute = DistinguishedName.Attribute

    /// A subject, and its RDNs as `type=value` lists; `#…` stands for a value in DER.
    static let readable: [(String, [[String]])] = [
        ("", []),
        ("CN=demo,O=toolforge", [["CN=demo"], ["O=toolforge"]]),
        ("O=toolforge,CN=demo", [["O=toolforge"], ["CN=demo"]]),
        ("cn=demo,o=toolforge", [["CN=demo"], ["O=toolforge"]]),
        ("2.5.4.3=demo,2.5.4.10=toolforge", [["CN=demo"], ["O=toolforge"]]),
        ("OID.2.5.4.3=demo", [["CN=demo"]]),
        (" CN = demo , O = toolforge ", [["CN=demo"], ["O=toolforge"]]),
        ("CN=demo;O=toolforge", [["CN=demo"], ["O=toolforge"]]),
        (#"CN=admin,O=Acme\, Inc."#, [["CN=admin"], ["O=Acme, Inc."]]),
        (#"CN=mallory\,CN=admin"#, [["CN=mallory,CN=admin"]]),
        (#"CN=mallory\2CCN=admin"#, [["CN=mallory,CN=admin"]]),
        ("CN=mallory,CN=admin", [["CN=mallory"], ["CN=admin"]]),
        (#"CN=a\+b"#, [["CN=a+b"]]),
        (#"CN=a\+O=toolforge"#, [["CN=a+O=toolforge"]]),
        ("CN=alice+OU=dev", [["CN=alice", "OU=dev"]]),
        ("CN=alice+OU=dev,O=toolforge", [["CN=alice", "OU=dev"], ["O=toolforge"]]),
        (##"CN=\#admin"##, [["CN=#admin"]]),
        ("CN=a#b", [["CN=a#b"]]),
        (#"CN=\ admin\ "#, [["CN= admin "]]),
        ("CN=  admin  ", [["CN=admin"]]),
        (#"CN=a\ \  "#, [["CN=a  "]]),
        (#"CN=a  b"#, [["CN=a  b"]]),
        (#"CN=admin\00"#, [["CN=admin\0"]]),
        (#"CN=admin\0Aevil"#, [["CN=admin\nevil"]]),
        (#"CN=Pawe\C5\82"#, [["CN=Paweł"]]),
        ("CN=Paweł", [["CN=Paweł"]]),
        ("1.2.3.4.5=#0C056162636465", [["1.2.3.4.5=#0C056162636465"]]),
        ("1.2.3.4.5=#0c05", [["1.2.3.4.5=#0C05"]]),
        ("CN=#0C0464656D6F", [["CN=#0C0464656D6F"]]),
        (#"CN="demo",O=toolforge"#, [["CN=demo"], ["O=toolforge"]]),
        (#"CN="mallory,CN=admin" , O=toolforge"#, [["CN=mallory,CN=admin"], ["O=toolforge"]]),
        (#"CN=" a \" b ""#, [["CN= a \" b "]]),
        (#"CN="""#, [["CN="]]),
        ("CN=,O=toolforge", [["CN="], ["O=toolforge"]]),
        ("CN=", [["CN="]]),
        ("CN=a=b", [["CN=a=b"]]),
        (#"CN=a\\"#, [["CN=a\\"]]),
        (#"CN=a\\,O=b"#, [["CN=a\\"], ["O=b"]]),
        (#"CN=\<a\>\;"#, [["CN=<a>;"]]),
        ("DC=org,DC=example,CN=demo", [["DC=org"], ["DC=example"], ["CN=demo"]]),
        ("emailAddress=a@example.org,CN=demo", [["EMAILADDRESS=a@example.org"], ["CN=demo"]]),
        ("CN=/O=x", [["CN=/O=x"]]),
    ]

    static let unreadable = [
        #"CN=\0"#, "O=x\\/CN=admin", "/O=x/CN=admin", "/", "CN", "=demo", ",", "CN=demo,", "CN=demo,,O=x", "CN=demo+",
        "+CN=demo", "C N=demo", #"CN=a\"#, #"CN=a\g"#, #"CN=a\4"#, "CN=#", "CN=#0", "CN=#0G", "CN=#0C05x", #"CN="a"#,
        #"CN="a"b"#, #"CN="a"xO=b"#, "CN=#0C05xO=b", #"CN=a"b"#, "CN=a<b", "CN=a\0b", "2.5.4.03=demo", "2..5=demo",
        "1.=x", "1a=x", "c_n=x", "é=x",
    ]

    @Test(arguments: readable)
    func readsEverySubjectToItsNames(_ subject: String, _ expected: [[String]]) throws {
        let names = try DistinguishedName(parsing: subject).relativeNames
        let found = names.map { $0.map { attribute in Self.text(attribute) } }
        #expect(found.count == expected.count)
        for (left, right) in zip(found.joined(), expected.joined()) { #expect(left.utf8.elementsEqual(right.utf8)) }
        #expect(found == expected)
    }

    @Test(arguments: unreadable)
    func refusesWhatIsNoName(_ subject: String) {
        #expect(throws: DistinguishedNameError.self) { try DistinguishedName(parsing: subject) }
    }

    @Test func printedNamesReadBackAsTheSame() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let name = DistinguishedName.random(using: &random)
            let printed = name.description
            #expect(printed.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "seed \(seed)")
            #expect(try DistinguishedName(parsing: printed) == name, "seed \(seed): \(printed)")
        }
    }

    @Test func anyTextIsANameOrAnError() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let alphabet = Array(##"CNO=,+;\"#" <>0Af.é/"##.unicodeScalars) + ["\0", "\n"]
        var readable = 0
        for _ in 0..<10_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
            }
            guard let name = try? DistinguishedName(parsing: String(text)) else { continue }
            readable += 1
            #expect((try? DistinguishedName(parsing: name.description)) == name, "seed \(seed): \(String(text))")
        }
        #expect(readable > 0)
    }

    private static func text(_ attribute: Attribute) -> String {
        switch attribute.value {
        case .text(let bytes): "\(attribute.type)=" + String(decoding: bytes, as: UTF8.self)
        case .encoded: attribute.description
        }
    }
}

extension DistinguishedName {
    fileprivate static func random(using random: inout SeededRandom) -> DistinguishedName {
        let types = ["CN", "O", "OU", "dc", "1.2.3.4", "2.5.4.3", "emailAddress", "x-y"]
        func bytes(_ range: ClosedRange<Int>) -> [UInt8] {
            (0..<Int.random(in: range, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var name = DistinguishedName(relativeNames: [])
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            name.relativeNames.append(
                (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    Attribute(
                        type: AttributeType(types[Int.random(in: 0..<types.count, using: &random)]),
                        value: Bool.random(using: &random) ? .text(bytes(0...12)) : .encoded(bytes(1...8)))
                })
        }
        return name
    }
}
