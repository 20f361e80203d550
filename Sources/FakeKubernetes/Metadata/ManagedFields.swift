/// The writers of an object's fields, as the real server records them for updates.
///
/// A field belongs to its last writer. Lists are one field each, as they are in custom resources without list types.
enum ManagedFields {
    /// A field by the steps to it, each a key with `f:` in front.
    typealias Path = [String]

    /// The `managedFields` of an object after a change; `nil` if the change is nobody's field.
    static func note(change new: Value, from old: Value?, _ operation: Operation) -> Value? {
        let newFields = fields(of: new, operation)
        let oldFields = old.map { fields(of: $0, operation) } ?? [:]
        let removed = Set(oldFields.keys).subtracting(newFields.keys)
        let changed = Set(
            newFields.filter { path, value in
                guard let before = oldFields[path] else { return true }
                return before != value
            }.keys)
        var entries = (old?.at("metadata", "managedFields")?.array ?? []).map(Entry.init)
        let own = Entry(
            manager: operation.call.fieldManager, apiVersion: operation.definition.apiVersion(operation.version),
            subresource: operation.call.path.subresource)
        if !entries.contains(where: { $0.isSameWriter(as: own) }) { entries.append(own) }
        for index in entries.indices {
            let before = entries[index].paths
            entries[index].paths.subtract(removed)
            if entries[index].isSameWriter(as: own) {
                entries[index].paths.formUnion(changed)
            } else {
                entries[index].paths.subtract(changed)
            }
            if entries[index].paths != before { entries[index].time = operation.now.timestamp }
        }
        return .array(entries.filter { !$0.paths.isEmpty }.sorted(by: Entry.areInOrder).map(\.value))
    }

    /// Every field that a client may write, with its value; an object that has members counts as one with none of them.
    private static func fields(of object: Value, _ operation: Operation) -> [Path: Value] {
        var fields: [Path: Value] = [:]
        for (key, value) in object.object ?? [:] {
            switch key {
            case "apiVersion", "kind": continue
            case "metadata":
                for name in ["labels", "annotations", "generateName", "ownerReferences", "finalizers"] {
                    if let value = value[name] { collect(value, at: ["f:metadata", "f:\(name)"], into: &fields) }
                }
            case "status" where operation.version.hasStatus && !operation.isStatus: continue
            case _ where operation.isStatus && key != "status": continue
            default: collect(value, at: ["f:\(key)"], into: &fields)
            }
        }
        return fields
    }

    private static func collect(_ value: Value, at path: Path, into fields: inout [Path: Value]) {
        guard let members = value.object else {
            fields[path] = value
            return
        }
        fields[path] = [:]
        for (key, value) in members { collect(value, at: path + ["f:\(key)"], into: &fields) }
    }

    /// The fields of one writer.
    private struct Entry {
        var manager: String
        var apiVersion: String
        var subresource: String?
        var operation = "Update"
        var time = ""
        var paths: Set<Path> = []

        init(manager: String, apiVersion: String, subresource: String?) {
            self.manager = manager
            self.apiVersion = apiVersion
            self.subresource = subresource
        }

        init(_ value: Value) {
            manager = value["manager"]?.string ?? ""
            apiVersion = value["apiVersion"]?.string ?? ""
            subresource = value["subresource"]?.string
            operation = value["operation"]?.string ?? "Update"
            time = value["time"]?.string ?? ""
            paths = Self.paths(in: value["fieldsV1"] ?? [:], at: [])
        }

        func isSameWriter(as other: Entry) -> Bool {
            manager == other.manager && apiVersion == other.apiVersion && subresource == other.subresource
                && operation == other.operation
        }

        static func areInOrder(_ left: Entry, _ right: Entry) -> Bool {
            (left.operation, left.time, left.manager, left.subresource ?? "")
                < (right.operation, right.time, right.manager, right.subresource ?? "")
        }

        var value: Value {
            var tree = Value.object([:])
            for path in paths { Self.insert(path[...], into: &tree) }
            // A dot says that a field with fields below it is itself owned.
            for path in paths { Self.mark(path[...], in: &tree) }
            var value: Value = [
                "manager": .string(manager), "operation": .string(operation), "apiVersion": .string(apiVersion),
                "time": .string(time), "fieldsType": "FieldsV1", "fieldsV1": tree,
            ]
            if let subresource { value["subresource"] = .string(subresource) }
            return value
        }

        private static func insert(_ path: ArraySlice<String>, into tree: inout Value) {
            guard let step = path.first else { return }
            var below = tree[step] ?? [:]
            insert(path.dropFirst(), into: &below)
            tree[step] = below
        }

        private static func mark(_ path: ArraySlice<String>, in tree: inout Value) {
            guard let step = path.first, var below = tree[step] else {
                if tree.object?.isEmpty == false { tree["."] = [:] }
                return
            }
            mark(path.dropFirst(), in: &below)
            tree[step] = below
        }

        private static func paths(in tree: Value, at path: Path) -> Set<Path> {
            guard let members = tree.object, !members.isEmpty else { return path.isEmpty ? [] : [path] }
            var found: Set<Path> = []
            for (key, value) in members {
                if key == "." { found.insert(path) } else { found.formUnion(paths(in: value, at: path + [key])) }
            }
            return found
        }
    }
}
