import JSON
import TestSupport

@testable import Kubernetes

/// The objects of one kind in a server that keeps a history of a few versions, as a value.
struct SimulatedCollection: Sendable {
    struct Change: Sendable {
        let version: Int
        let type: String
        let name: String
        let size: Int64
    }

    var namespace = "tool-demo"
    private(set) var objects: [String: (size: Int64, version: Int)] = [:]
    private var history: [Change] = []
    private(set) var version = 1
    /// Versions before this one are no longer kept.
    private(set) var oldest = 1

    /// What a complete cache holds.
    var sizes: [ObjectKey: Int64] {
        Dictionary(uniqueKeysWithValues: objects.map { (ObjectKey(namespace: namespace, name: $0), $1.size) })
    }

    /// Creates, changes or removes an object.
    mutating func change(using random: inout SeededRandom) {
        let name = "g\(Int.random(in: 0..<6, using: &random))"
        version += 1
        if let old = objects[name], Int.random(in: 0..<3, using: &random) == 0 {
            objects[name] = nil
            history.append(Change(version: version, type: "DELETED", name: name, size: old.size))
        } else {
            let type = objects[name] == nil ? "ADDED" : "MODIFIED"
            let size = Int64.random(in: 0..<100, using: &random)
            objects[name] = (size, version)
            history.append(Change(version: version, type: type, name: name, size: size))
        }
    }

    /// Forgets the history.
    mutating func compact() {
        history = []
        oldest = version
    }

    /// The changes after a version; `nil` if it is no longer kept.
    func changes(after version: Int) -> [Change]? {
        version < oldest ? nil : history.filter { $0.version > version }
    }

    func line(of change: Change) -> [UInt8] {
        Self.line(change.type, change.version, name: change.name, size: change.size, namespace: namespace)
    }

    static func line(_ type: String, _ version: Int, name: String?, size: Int64 = 0, namespace: String = "tool-demo")
        -> [UInt8]
    {
        let name = name.map { "\"name\":\"\($0)\",\"namespace\":\"\(namespace)\"," } ?? ""
        return Array(
            """
            {"type":"\(type)","object":{"apiVersion":"example.org/v1","kind":"Gadget","metadata":{\(name)\
            "resourceVersion":"\(version)"},"spec":{"size":\(size)}}}

            """.utf8)
    }

    static func object(_ name: String, size: Int64, version: Int, namespace: String = "tool-demo") -> JSONValue {
        [
            "apiVersion": "example.org/v1", "kind": "Gadget",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "resourceVersion": .string(String(version)),
            ],
            "spec": ["size": .number(JSONNumber(size))],
        ]
    }

    /// All objects, in order.
    var list: [JSONValue] {
        objects.sorted { $0.key < $1.key }.map {
            Self.object($0, size: $1.size, version: $1.version, namespace: namespace)
        }
    }
}

extension WatchMachine where Value == Int64 {
    /// A watch of gadgets' sizes.
    static func sizes(limit: Int = 500, maximumLineLength: Int = 4_096) -> WatchMachine<Int64> {
        WatchMachine(
            query: ListQuery(limit: limit),
            check: ResponseCheck(definition: Gadget.definition, namespace: "tool-demo"),
            maximumLineLength: maximumLineLength
        ) { json in
            guard let size = json["spec"]?["size"]?.intValue else {
                return .failure(KubernetesError(.invalidResponse, "spec.size is no number"))
            }
            return .success(size)
        }
    }
}

extension KubernetesClient {
    /// A watch of the gadgets' sizes.
    func sizes(silence: Duration? = nil) -> Watch<Int64> {
        gadgets.watch(ListQuery(limit: 500), silence: silence) { $0.size }
    }
}
