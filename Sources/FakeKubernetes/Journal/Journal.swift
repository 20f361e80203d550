import Foundation
import Synchronization

/// The requests to the API in the order in which they were noted.
///
/// The `revision` of an entry shows the order in which they were carried out.
final class Journal: Sendable {
    private struct Entry {
        var value: Value
        /// The response to a change that was made; parsed only when the journal is read.
        var answer: [UInt8]?
    }

    private let entries = Mutex<[Entry]>([])

    /// Notes one request.
    ///
    /// - Parameters:
    ///   - path: Without the query.
    ///   - call: `nil` for a path that names no objects.
    ///   - status: `nil` if no response is sent.
    ///   - done: The cluster's response, whatever is sent; `nil` if the request was not carried out.
    func note(
        path: String, query: String, call: APICall?, user: String, status: Int?, done: APIResponse?, fault: String?
    ) {
        let isCommitted = done?.isCommitted ?? false
        var entry: Value = [
            "time": .string(Date().formatted(.iso8601.time(includingFractionalSeconds: true))), "path": .string(path),
            "query": .string(query), "user": .string(user), "committed": .bool(isCommitted),
            "status": status.map { .int(Int64($0)) } ?? .null, "fault": fault.map { .string($0) } ?? .null,
            "verb": .string(call?.verb.rawValue ?? "get"), "group": .string(call?.path.group ?? ""),
            "version": .string(call?.path.version ?? ""), "resource": .string(call?.path.resource ?? ""),
            "revision": done?.revision.map { .int($0) } ?? .null,
            "contentType": .string(call?.contentType ?? ""), "accept": .string(call?.accept ?? ""),
        ]
        for (key, value) in [
            ("subresource", call?.path.subresource), ("namespace", call?.path.namespace),
            ("name", call?.path.name ?? call?.bodyName),
        ] { entry[key] = value.map { .string($0) } ?? .null }
        let body = call?.body ?? []
        entry["body"] =
            body.isEmpty ? .null : (try? Value(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self))
        let noted = Entry(value: entry, answer: isCommitted ? done?.body : nil)
        entries.withLock { entries in
            var entry = noted
            entry.value["index"] = .int(Int64(entries.count))
            entries.append(entry)
        }
    }

    func clear() { entries.withLock { $0 = [] } }

    /// The entries since the last `clear`, oldest first; `result` is the metadata of the object that a change left.
    var all: [Value] { entries.withLock(\.self).map(Self.value) }

    /// At most 1,000 of the entries in `all`, from that index on.
    func page(from index: Int) -> [Value] { entries.withLock { $0.dropFirst(index).prefix(1000) }.map(Self.value) }

    private static func value(of entry: Entry) -> Value {
        var value = entry.value
        value["result"] = entry.answer.flatMap { try? Value(parsing: $0) }.flatMap(result) ?? .null
        return value
    }

    private static func result(of object: Value) -> Value? {
        var result: Value = [:]
        for key in ["uid", "resourceVersion", "creationTimestamp"] {
            if let text = object.at("metadata", key)?.string { result[key] = .string(text) }
        }
        return result.object?.isEmpty == false ? result : nil
    }
}
