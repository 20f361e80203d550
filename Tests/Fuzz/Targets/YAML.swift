import JSON

@testable import YAML

/// Any bytes are a value or an error; a value written as YAML or JSON reads back as itself; JSON reads as with the JSON reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func target(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count) { bytes in
        guard let value = try? JSONValue(parsingYAML: bytes) else { return }
        require(try JSONValue(parsingYAML: value.serializedAsYAML()) == value, "a value written as YAML is the same")
        require(try JSONValue(parsing: value.serialized()) == value, "a value written as JSON is the same")
        if let json = try? JSONValue(parsing: bytes) { require(json == value, "JSON means the same to both readers") }
    }
}
