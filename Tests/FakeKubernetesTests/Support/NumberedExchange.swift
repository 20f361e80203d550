import FakeKubernetes

/// A recorded exchange with its place in its file.
struct NumberedExchange: Sendable {
    var file: String
    var index: Int
    var title: String
    var method: String
    var path: String
    var headers: [String: String]
    /// A string where it was no JSON.
    var body: Value
    var status: Int
    var answer: Value

    var id: String { "\(file)[\(index)]" }
    var isWatch: Bool { path.contains("watch=1") || path.contains("watch=true") }
    var label: String { "\(id) \(title)" }

    /// The exchanges of a file, in the order in which they were sent.
    static func read(_ file: String) throws -> [NumberedExchange] {
        try RecordedExchange.all(of: file).enumerated().map { index, exchange in
            NumberedExchange(
                file: file, index: index, title: exchange.name, method: exchange.request["method"]?.string ?? "",
                path: exchange.request["path"]?.string ?? "",
                headers: Dictionary(
                    uniqueKeysWithValues: (exchange.request["headers"]?.object ?? [:]).map { key, value in
                        (key, value.string ?? "")
                    }),
                body: exchange.sent, status: Int(exchange.status), answer: exchange.body)
        }
    }
}
