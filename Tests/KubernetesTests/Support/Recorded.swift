import Foundation
import JSON
import Testing

/// Exchanges with a real API server: what the fake cluster's tests keep.
enum Recorded {
    /// One exchange.
    struct Exchange: Sendable, CustomTestStringConvertible {
        let file: String
        let name: String
        let method: String
        let status: Int
        let body: JSONValue

        var testDescription: String { "\(file): \(name)" }
    }

    static func file(_ name: String) throws -> [Exchange] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("FakeKubernetesTests/Recorded")
        let text = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name + ".json")))
        return try (JSONValue(parsing: text, limits: .trusted).arrayValue ?? []).map { exchange in
            Exchange(
                file: name, name: exchange["case"]?.stringValue ?? "",
                method: exchange["request"]?["method"]?.stringValue ?? "",
                status: Int(exchange["response"]?["status"]?.intValue ?? 0),
                body: exchange["response"]?["body"] ?? .null)
        }
    }

    /// The bodies of all exchanges of that name.
    static func exchange(_ file: String, _ name: String) throws -> [JSONValue] {
        try Self.file(file).filter { $0.name == name }.map(\.body)
    }

    /// Every exchange that was refused.
    static func refusals() throws -> [Exchange] {
        try ["crd", "discovery", "events", "leases", "lists", "objects", "pipelineruns", "refusals", "status", "watch"]
            .flatMap(file).filter { $0.status >= 400 }
    }
}
