extension ClusterState {
    /// The objects that a list or a delete of a collection is about.
    ///
    /// A page shows the present objects: unlike the real server, the fake keeps no past states for later pages.
    func selected(_ operation: Operation) throws(StatusError) -> ListPage {
        let query = operation.call.query
        let selection = try ObjectSelection(operation)
        let limit = try Self.limit(query["limit"])
        var page = ListPage(resourceVersion: resourceVersion)
        var start = ""
        let isContinued = query["continue"]?.isEmpty == false
        if let text = query["continue"], isContinued {
            let token = try ContinueToken(text)
            guard token.isInconsistent || token.resourceVersion >= oldestVersion else { throw token.expired }
            start = token.start
            if !token.isInconsistent { page.resourceVersion = token.resourceVersion }
        } else {
            try checkVersion(query)
        }
        let namespace = operation.definition.isNamespaced ? operation.call.path.namespace : ""
        var remaining = 0
        var lastKey = ""
        for (key, object) in table(operation.resource).objects(in: namespace, from: start)
        where selection.matches(object) {
            if let limit, page.objects.count == limit {
                remaining += 1
                if !selection.isEverything { break }
            } else {
                page.objects.append(object)
                lastKey = key
            }
        }
        if remaining > 0 {
            // The real server's later pages have a slash in front of the key, its first one has none.
            let next = (isContinued ? "/" : "") + lastKey + "\0"
            page.continuation = ContinueToken(resourceVersion: page.resourceVersion, start: next).text
            page.remaining = selection.isEverything ? remaining : nil
        }
        return page
    }

    /// Checks the version that a list must have, or must at least have.
    private func checkVersion(_ query: QueryItems) throws(StatusError) {
        guard let wanted = query["resourceVersion"].flatMap({ Int64($0) }), wanted > 0 else { return }
        guard wanted <= resourceVersion else { throw .versionOfTheFuture(wanted, current: resourceVersion) }
        if query["resourceVersionMatch"] == "Exact", wanted < oldestVersion {
            throw .expired("The resourceVersion for the provided list is too old.")
        }
    }

    private static func limit(_ text: String?) throws(StatusError) -> Int? {
        guard let text, !text.isEmpty else { return nil }
        guard let limit = Int(text) else {
            throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
        }
        return limit > 0 ? limit : nil
    }
}

/// The selectors of a request.
struct ObjectSelection {
    private let labels: LabelSelector?
    private let fields: FieldSelector?

    init(_ operation: Operation) throws(StatusError) {
        let query = operation.call.query
        do throws(SelectorError) {
            labels = try query["labelSelector"].flatMap { $0.isEmpty ? nil : $0 }.map { text throws(SelectorError) in
                try LabelSelector(parsing: text)
            }
            fields = try query["fieldSelector"].flatMap { $0.isEmpty ? nil : $0 }.map { text throws(SelectorError) in
                try FieldSelector(
                    parsing: text, supported: operation.definition.selectableFields(in: operation.version))
            }
        } catch {
            throw .badRequest(error.message)
        }
    }

    var isEverything: Bool { labels == nil && fields == nil }

    func matches(_ object: StoredObject) -> Bool {
        labels?.matches(object.labels) != false
            && fields?.matches(object.value) != false
    }
}
