/// A list of operations on a document (RFC 6902), applied all or none.
struct JSONPatch: Sendable {
    enum Operation: Sendable, Equatable {
        case add(JSONPointer, Value)
        case remove(JSONPointer)
        case replace(JSONPointer, Value)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, Value)
        /// Accepted by the server, but never applicable: an unknown `op`, or an invalid path.
        case impossible
    }

    /// The real server's limit.
    static let maximumOperations = 10_000

    let operations: [Operation]

    init(_ document: Value) throws(PatchError) {
        guard let elements = document.array else {
            throw .malformed("json: cannot unmarshal \(document.goKind) into Go value of type jsonpatch.Patch")
        }
        guard elements.count <= Self.maximumOperations else {
            throw .tooLarge(
                "The allowed maximum operations in a JSON patch is \(Self.maximumOperations), got \(elements.count)")
        }
        var operations: [Operation] = []
        for element in elements {
            guard let members = element.object else {
                throw .malformed("json: cannot unmarshal \(element.goKind) into Go value of type jsonpatch.Operation")
            }
            operations.append(Self.operation(members))
        }
        self.operations = operations
    }

    /// The patched document.
    func applied(to document: Value) throws(PatchError) -> Value {
        var result = document
        for operation in operations { try Self.apply(operation, to: &result) }
        return result
    }

    private static func operation(_ members: Members) -> Operation {
        guard let op = members["op"]?.string, let path = members["path"]?.string.flatMap(JSONPointer.init) else {
            return .impossible
        }
        // The server reads a missing value as null.
        let value = members["value"] ?? .null
        let from = members["from"]?.string.flatMap(JSONPointer.init)
        switch (op, from) {
        case ("add", _): return .add(path, value)
        case ("remove", _): return .remove(path)
        case ("replace", _): return .replace(path, value)
        case ("test", _): return .test(path, value)
        case ("move", let from?): return .move(from: from, to: path)
        case ("copy", let from?): return .copy(from: from, to: path)
        default: return .impossible
        }
    }

    private static func apply(_ operation: Operation, to document: inout Value) throws(PatchError) {
        switch operation {
        case .add(let path, let value): try document.add(value, at: path.tokens[...])
        case .remove(let path): _ = try document.remove(at: path.tokens[...])
        case .replace(let path, let value): try document.replace(with: value, at: path.tokens[...])
        case .move(let from, let path):
            guard !path.isInside(from) else { throw .inapplicable }
            try document.add(try document.remove(at: from.tokens[...]), at: path.tokens[...])
        case .copy(let from, let path):
            guard let value = document.value(at: from.tokens[...]) else { throw .inapplicable }
            try document.add(value, at: path.tokens[...])
        case .test(let path, let expected):
            // As in the real server, null equals a missing value.
            guard document.value(at: path.tokens[...]) ?? .null == expected else { throw .inapplicable }
        case .impossible: throw .inapplicable
        }
    }
}

extension Value {
    fileprivate func value(at path: ArraySlice<String>) -> Value? {
        guard let token = path.first else { return self }
        switch self {
        case .object(let members): return members[token]?.value(at: path.dropFirst())
        case .array(let elements):
            guard let index = Self.index(token, below: elements.count) else { return nil }
            return elements[index].value(at: path.dropFirst())
        default: return nil
        }
    }

    fileprivate mutating func add(_ value: Value, at path: ArraySlice<String>) throws(PatchError) {
        guard let token = path.first else {
            self = value
            return
        }
        if path.count > 1 {
            try descend(token) { (inner: inout Value) throws(PatchError) in try inner.add(value, at: path.dropFirst()) }
            return
        }
        switch self {
        case .object: self[token] = value
        case .array(var elements):
            guard let index = token == "-" ? elements.count : Self.index(token, below: elements.count + 1) else {
                throw .inapplicable
            }
            elements.insert(value, at: index)
            self = .array(elements)
        default: throw .inapplicable
        }
    }

    fileprivate mutating func remove(at path: ArraySlice<String>) throws(PatchError) -> Value {
        guard let token = path.first, let removed = value(at: path) else { throw .inapplicable }
        if path.count > 1 {
            try descend(token) { (inner: inout Value) throws(PatchError) in _ = try inner.remove(at: path.dropFirst()) }
        } else if case .array(var elements) = self, let index = Self.index(token, below: elements.count) {
            elements.remove(at: index)
            self = .array(elements)
        } else {
            self[token] = nil
        }
        return removed
    }

    fileprivate mutating func replace(with value: Value, at path: ArraySlice<String>) throws(PatchError) {
        guard let token = path.first else {
            self = value
            return
        }
        guard self.value(at: path) != nil else { throw .inapplicable }
        try descend(token) { (inner: inout Value) throws(PatchError) in
            try inner.replace(with: value, at: path.dropFirst())
        }
    }

    /// Changes the member or element of that token.
    private mutating func descend(
        _ token: String, _ change: (inout Value) throws(PatchError) -> Void
    ) throws(PatchError) {
        if case .array(var elements) = self, let index = Self.index(token, below: elements.count) {
            try change(&elements[index])
            self = .array(elements)
        } else if var inner = object?[token] {
            try change(&inner)
            self[token] = inner
        } else {
            throw .inapplicable
        }
    }

    /// An index into a list; one below zero counts from the end, as in the real server.
    private static func index(_ token: String, below count: Int) -> Int? {
        guard let number = Int(token) else { return nil }
        let index = number < 0 ? number + count : number
        return (0..<count).contains(index) ? index : nil
    }
}

/// Why a patch cannot be applied.
enum PatchError: Error, Equatable {
    /// It is not a patch: 400 `BadRequest` with this message.
    case malformed(String)
    /// More operations than the server accepts: 413 with this message.
    case tooLarge(String)
    /// It does not fit the object: a test failed, or a path does not exist. The real server does not report which
    /// operation it was: 422 `Invalid`, `the server rejected our request due to an error in our request`.
    case inapplicable
}
