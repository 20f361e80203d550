import Foundation

@testable import FakeKubernetes

/// One exchange with a real API server, from `Recorded/`.
struct RecordedExchange: CustomStringConvertible {
    let topic: String
    let name: String
    let request: Value
    let status: Int64
    /// What was answered: an object, a text, or the list of a watch's events.
    let body: Value

    /// What was sent.
    var sent: Value { request["body"] ?? .null }

    var description: String { "\(topic): \(name)" }

    /// All exchanges of a file, in the order in which they were sent.
    ///
    /// They were recorded when the project's kinds were in another group.
    static func all(of topic: String) throws -> [RecordedExchange] {
        let file = Bundle.module.bundleURL.appending(path: "Recorded/\(topic).json")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacing("components-api.toolforge.org", with: "deploy.toolforge.org")
            .replacing("org.toolforge.components-api", with: "org.toolforge.deploy")
        let exchanges = try Value(parsing: Array(text.utf8)).array ?? []
        return try exchanges.map { exchange in
            guard let name = exchange["case"]?.string, let request = exchange["request"],
                let status = exchange.at("response", "status")?.int, let body = exchange.at("response", "body")
            else { throw Malformed(topic: topic) }
            return RecordedExchange(topic: topic, name: name, request: request, status: status, body: body)
        }
    }

    /// The first exchange of that name.
    static func named(_ name: String, in topic: String) throws -> RecordedExchange {
        guard let exchange = try all(of: topic).first(where: { $0.name == name }) else { throw Malformed(topic: topic) }
        return exchange
    }

    struct Malformed: Error {
        let topic: String
    }
}
