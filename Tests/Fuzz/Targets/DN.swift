import Components

@testable import ComponentsHTTP

/// Any text is a name or an error; a printed name reads back as itself; only a name of a tool's form is a tool.
@_cdecl("LLVMFuzzerTestOneInput")
public func target(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let name = try? DistinguishedName(parsing: text) else { return }
        let printed = name.description
        require(printed.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "a printed name is printable ASCII")
        require(try DistinguishedName(parsing: printed) == name, "a printed name is the same name")
        let gateway = GatewayParameters(clientVerify: "SUCCESS", clientSubject: text)
        let identity = try? ClientIdentity(gateway)
        require(identity?.tool.value == tool(of: name, length: text.utf8.count), "the tool is the model's")
        let stranger = GatewayParameters(clientVerify: "NONE", clientSubject: text)
        require((try? ClientIdentity(stranger)) == nil, "a name alone is no identity")
    }
}

/// The rule of `ClientIdentity`, implemented in another way.
private func tool(of name: DistinguishedName, length: Int) -> String? {
    guard (1...1_024).contains(length) else { return nil }
    var values: [String: [DistinguishedName.Value]] = [:]
    for attributes in name.relativeNames {
        for attribute in attributes where ["cn", "o"].contains(attribute.type.name) {
            guard attributes.count == 1 else { return nil }
            values[attribute.type.name, default: []].append(attribute.value)
        }
    }
    guard values["o"] == [.text(Array("toolforge".utf8))], values["cn"]?.count == 1,
        case .text(let bytes)? = values["cn"]?.first
    else { return nil }
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let first = bytes.first, letters.contains(first), bytes.last != UInt8(ascii: "-"), bytes.count <= 58,
        bytes.allSatisfy({ letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "-") })
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}
