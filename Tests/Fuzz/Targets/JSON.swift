import Foundation
import JSON

/// Any bytes are a value or an error at a position; a written value reads back as itself; Foundation reads whatever is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func target(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count) { bytes in
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            require((0...bytes.count).contains(error.offset), "an error is at a byte of the text")
            return
        }
        let compact = value.serialized()
        require(compact.count <= bytes.count * 6, "what is written is not larger than its escapes make it")
        for style in [JSONValue.Style.compact, .indented] {
            let back = try JSONValue(parsing: value.serialized(style))
            require(back == value, "a value written is the same value")
            require(back.serialized() == compact, "and so is every literal and the order of the members")
        }
        // Foundation reads into binary64 and a dictionary: so this compares only that it reads the text, and as the same kind,
        // of value.
        let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        // Foundation drops a byte order mark at the start of a string.
        let hasMarks = String(decoding: compact, as: UTF8.self).unicodeScalars.contains("\u{FEFF}")
        require(hasMarks || value.agrees(with: theirs), "Foundation reads the same")
    }
}

extension JSONValue {
    fileprivate func agrees(with theirs: Any) -> Bool {
        switch self {
        case .null: theirs is NSNull
        case .bool(let value): (theirs as? NSNumber)?.boolValue == value
        case .number(let value): value.double?.isNear((theirs as? NSNumber)?.doubleValue ?? .nan) ?? false
        case .string(let value): (theirs as? String)?.hasSameBytes(as: value) ?? false
        case .array(let values):
            if let theirs = theirs as? [Any] {
                theirs.count == values.count && zip(values, theirs).allSatisfy { $0.agrees(with: $1) }
            } else {
                false
            }
        case .object(let object):
            // Canonically equivalent keys are one key in a Swift dictionary.
            if let theirs = theirs as? [String: Any] {
                theirs.count == Set(object.keys).count
                    && (theirs.count < object.count
                        || object.members.allSatisfy { key, value in theirs[key].map(value.agrees) ?? false })
            } else {
                false
            }
        }
    }
}

extension Double {
    /// Foundation reads numbers through a decimal type that does not always round to the nearest.
    fileprivate func isNear(_ other: Double) -> Bool { abs(self - other) <= max(abs(self) * 1e-9, 1e-300) }
}
