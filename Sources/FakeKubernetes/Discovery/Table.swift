import Foundation

/// Objects as rows, for `kubectl get`.
struct Table: Sendable {
    /// What each row carries beside its cells: the query's `includeObject`.
    enum IncludedObject: String, Sendable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    private struct Column {
        let definition: Value
        let type: String
        /// `nil`: the column is always empty.
        let path: JSONPath?
    }

    private let columns: [Column]

    init(_ definition: ResourceDefinition, version: ResourceDefinition.Version) {
        let declared =
            version.printerColumns.isEmpty ? Self.columns(of: definition.origin) : version.printerColumns
        columns = declared.map { column in
            let path = column["jsonPath"]?.string ?? ""
            let type = column["type"]?.string ?? "string"
            return Column(
                definition: [
                    "name": column["name"] ?? "", "type": .string(type), "format": column["format"] ?? "",
                    "description": column["description"]
                        ?? "Custom resource definition column (in JSONPath format): \(path)",
                    "priority": column["priority"] ?? 0,
                ],
                type: type, path: JSONPath(path))
        }
    }

    /// - Parameters:
    ///   - metadata: That of the list, or of the one object.
    ///   - hasColumns: Whether the columns are included: only in the first event of a watch.
    func value(
        of objects: [Value], metadata: ListMetadata, including included: IncludedObject = .metadata, now: Date,
        hasColumns: Bool = true
    ) -> Value {
        [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata.value,
            "columnDefinitions": hasColumns ? .array([Self.nameColumn] + columns.map(\.definition)) : .null,
            "rows": .array(objects.map { row(of: $0, including: included, now: now) }),
        ]
    }

    private func row(of object: Value, including included: IncludedObject, now: Date) -> Value {
        let name = object.at("metadata", "name") ?? ""
        var row: Value = ["cells": .array([name] + columns.map { cell(of: object, in: $0, now: now) })]
        switch included {
        case .none: break
        case .metadata: row["object"] = PartialObjectMetadata.object(object)
        case .object: row["object"] = object
        }
        return row
    }

    private func cell(of object: Value, in column: Column, now: Date) -> Value {
        guard let value = column.path?.values(in: object).first, !value.isNull else { return .null }
        switch (column.type, value) {
        case ("string", .string), ("boolean", .bool), ("integer", .int), ("number", .int), ("number", .double):
            return value
        case ("string", _): return .string(value.text)
        case ("integer", .double(let double)):
            return Int64(exactly: double.rounded(.towardZero)).map { .int($0) } ?? .null
        case ("date", .string(let text)):
            guard let date = try? Date.ISO8601FormatStyle().parse(text) else { return "<invalid>" }
            return .string(Age.text(since: date, now: now))
        default: return .null
        }
    }

    /// The columns of kinds whose definition names none.
    private static func columns(of origin: ResourceDefinition.Origin) -> [Value] {
        let age: Value = ["name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"]
        switch origin {
        case .namespace: return [["name": "Status", "type": "string", "jsonPath": ".status.phase"], age]
        case .lease: return [["name": "Holder", "type": "string", "jsonPath": ".spec.holderIdentity"], age]
        case .event:
            return [
                ["name": "Last Seen", "type": "date", "jsonPath": ".lastTimestamp"],
                ["name": "Type", "type": "string", "jsonPath": ".type"],
                ["name": "Reason", "type": "string", "jsonPath": ".reason"],
                ["name": "Message", "type": "string", "jsonPath": ".message"],
            ]
        case .customResourceDefinition:
            return [["name": "Created At", "type": "string", "jsonPath": ".metadata.creationTimestamp"]]
        case .pod: return [["name": "Status", "type": "string", "jsonPath": ".status.phase"], age]
        case .custom, .resourceQuota, .configMap: return [age]
        }
    }

    private static let nameColumn: Value = [
        "name": "Name", "type": "string", "format": "name", "priority": 0,
        "description":
            "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
    ]
}

/// How long something is ago, as `kubectl get` shows it: `5s`, `3m20s`, `4h`, `12d`.
enum Age {
    static func text(since date: Date, now: Date) -> String {
        let seconds = Int(now.timeIntervalSince(date))
        let (minutes, hours) = (seconds / 60, seconds / 3600)
        let (days, years) = (hours / 24, hours / 24 / 365)
        switch seconds {
        case ..<(-1): return "<invalid>"
        case ..<0: return "0s"
        case ..<120: return "\(seconds)s"
        case ..<600: return pair(minutes, "m", seconds % 60, "s")
        case ..<10_800: return "\(minutes)m"
        case ..<28_800: return pair(hours, "h", minutes % 60, "m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return pair(days, "d", hours % 24, "h")
        case ..<63_072_000: return "\(days)d"
        case ..<252_288_000: return pair(years, "y", days % 365, "d")
        default: return "\(years)y"
        }
    }

    private static func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}
