import Foundation
import Synchronization

/// What was asked of the API, in the order in which it was done.
final class Journal: Sendable {
    private let entries = Mutex<[Value]>([])

    /// Notes one request.
    ///
    /// - Parameters:
    ///   - path: Without the query.
    ///   - call: `nil` for a path that names no objects.
    ///   - status: `nil` where no answer is sent.
    func note(
        path: String, query: String, call: APICall?, user: String, status: Int?, isCommitted: Bool, fault: String?
    ) {
        var entry: Value = [
            "time": .string(Date().formatted(.iso8601.time(includingFractionalSeconds: true))), "path": .string(path),
            "query": .string(query), "user": .string(user), "committed": .bool(isCommitted),
            "status": status.map { .int(Int64($0)) } ?? .null, "fault": fault.map { .string($0) } ?? .null,
            "verb": .string(call?.verb.rawValue ?? "get"), "group": .string(call?.path.group ?? ""),
            "version": .string(call?.path.version ?? ""), "resource": .string(call?.path.resource ?? ""),
            "contentType": .string(call?.contentType ?? ""), "accept": .string(call?.accept ?? ""),
        ]
        for (key, value) in [
            ("subresource", call?.path.subresource), ("namespace", call?.path.namespace),
            ("name", call?.path.name ?? call?.bodyName),
        ] { entry[key] = value.map { .string($0) } ?? .null }
        let body = call?.body ?? []
        entry["body"] =
            body.isEmpty ? .null : (try? Value(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self))
        let noted = entry
        entries.withLock { entries in
            var entry = noted
            entry["index"] = .int(Int64(entries.count))
            entries.append(entry)
        }
    }

    func clear() { entries.withLock { $0 = [] } }

    /// The entries since the last `clear`, oldest first.
    var all: [Value] { entries.withLock(\.self) }
}
