import Foundation
import JSON

/// The exchanges recorded with a real API server and a real Tekton, kept with the fake cluster's tests.
enum Recordings {
    /// The bodies of the answers in a file, by the case's name.
    static func answers(_ file: String) throws -> [String: JSONValue] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "FakeKubernetesTests/Recorded")
        let bytes = try Data(contentsOf: folder.appending(path: "\(file).json"))
        var answers: [String: JSONValue] = [:]
        for exchange in try JSONValue(parsing: Array(bytes), limits: .trusted).arrayValue ?? [] {
            if let name = exchange["case"]?.stringValue { answers[name] = exchange["response"]?["body"] }
        }
        return answers
    }
}
