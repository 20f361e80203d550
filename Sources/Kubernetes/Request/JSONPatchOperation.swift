public import JSON

/// One operation of a JSON Patch (RFC 6902).
public struct JSONPatchOperation: Sendable, Equatable {
    /// What is done.
    enum Operation: Sendable, Equatable {
        case add(JSONValue)
        case replace(JSONValue)
        case test(JSONValue)
        case remove
    }

    let operation: Operation
    /// Where, as a JSON Pointer (RFC 6901).
    public let path: String

    /// Sets a member or inserts an element.
    public static func add(_ path: String, _ value: JSONValue) -> JSONPatchOperation {
        JSONPatchOperation(operation: .add(value), path: path)
    }

    /// Sets a member or element that must exist.
    public static func replace(_ path: String, _ value: JSONValue) -> JSONPatchOperation {
        JSONPatchOperation(operation: .replace(value), path: path)
    }

    /// Refuses the whole patch unless the path has that value (`KubernetesError.isFailedTest`).
    public static func test(_ path: String, _ value: JSONValue) -> JSONPatchOperation {
        JSONPatchOperation(operation: .test(value), path: path)
    }

    /// Removes a member or element that must exist.
    public static func remove(_ path: String) -> JSONPatchOperation {
        JSONPatchOperation(operation: .remove, path: path)
    }

    /// The operation as it is sent.
    public var json: JSONValue {
        switch operation {
        case .add(let value): ["op": "add", "path": .string(path), "value": value]
        case .replace(let value): ["op": "replace", "path": .string(path), "value": value]
        case .test(let value): ["op": "test", "path": .string(path), "value": value]
        case .remove: ["op": "remove", "path": .string(path)]
        }
    }

    /// Whether a second execution changes nothing.
    ///
    /// What sets a member does not, what inserts into or removes from a list does. A last token that could be an index
    /// counts as one.
    var isIdempotent: Bool {
        let last = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last
        let isIndex = last.map { $0.elementsEqual("-".utf8) || (!$0.isEmpty && $0.allSatisfy(isDigit)) } ?? false
        switch operation {
        case .add: return !isIndex
        case .replace, .test: return true
        case .remove: return false
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
