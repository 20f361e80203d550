public import JSON

/// Typed access to the objects of one kind, in one namespace.
///
/// Every method is one call with one deadline (`KubernetesClientOptions.deadline`, `CallDeadline`). Names and namespaces
/// are checked before anything is sent (`invalidRequest`), and responses before anything is returned (`invalidResponse`):
/// the right kind, the right name, the right namespace.
public struct ResourceClient<Resource: KubernetesResource>: Sendable {
    let client: KubernetesClient
    /// The namespace; `nil` for kinds that live in none, and for lists over all of them.
    public let namespace: String?

    init(client: KubernetesClient, namespace: String?) {
        self.client = client
        self.namespace = namespace
    }

    /// The object of that name.
    public func get(_ name: String) async throws(KubernetesError) -> Resource {
        try await object(try builder.get(name), named: name)
    }

    /// The object of that name, or `nil` if there is none.
    ///
    /// A namespace that is missing looks the same.
    public func getIfPresent(_ name: String) async throws(KubernetesError) -> Resource? {
        do {
            return try await get(name)
        } catch {
            // A kind that the server does not serve is 404 too, but without the object's name: that is an error.
            guard error.isNotFound, error.status?.details?.name == name else { throw error }
            return nil
        }
    }

    /// Stores a new object.
    ///
    /// - Parameters:
    ///   - isRepeatable: whether the creation may be sent again when its response was lost. Its name must be fixed for
    ///     that, and the caller must be ready for an `alreadyExists` that is the echo of the first attempt
    ///     (`mayHaveBeenApplied`): compare what is there.
    /// - Returns: the object as it was stored.
    public func create(_ resource: Resource, isRepeatable: Bool = false) async throws(KubernetesError) -> Resource {
        let request = try builder.create(sent(resource), isRepeatable: isRepeatable)
        return try await object(request, named: resource.metadata.name)
    }

    /// Stores the object in place of the version that its `metadata.resourceVersion` names.
    ///
    /// - Throws: `conflict` if that version is not the one that is there. `status` is left as it is, where it is a
    ///   subresource.
    public func replace(_ resource: Resource) async throws(KubernetesError) -> Resource {
        try await object(try builder.replace(sent(resource)), named: resource.metadata.name)
    }

    /// Merges into the object (RFC 7386): `null` removes a member, lists are replaced.
    ///
    /// With a `metadata.resourceVersion` in the patch it applies to that version only.
    public func mergePatch(_ name: String, _ patch: JSONValue) async throws(KubernetesError) -> Resource {
        try await object(try builder.mergePatch(name, patch), named: name)
    }

    /// Merges into the object's `status`; the patch is one of the whole object: `{"status": …}`.
    ///
    /// - Parameter fieldValidation: what becomes of fields that the server does not know; `nil`: what the client's options say.
    public func mergePatchStatus(
        _ name: String, _ patch: JSONValue, fieldValidation: FieldValidation? = nil
    ) async throws(KubernetesError) -> Resource {
        var builder = builder
        builder.fieldValidation = fieldValidation ?? builder.fieldValidation
        return try await object(try builder.mergePatch(name, patch, subresource: .status), named: name)
    }

    /// Applies the operations to the object, all or none (RFC 6902).
    ///
    /// - Parameters:
    ///   - isRepeatable: whether the patch may be sent again when its response was lost. Patches that only set members,
    ///     or test, may be in any case.
    public func jsonPatch(
        _ name: String, _ operations: [JSONPatchOperation], isRepeatable: Bool = false
    ) async throws(KubernetesError) -> Resource {
        try await object(try builder.jsonPatch(name, operations, isRepeatable: isRepeatable), named: name)
    }

    /// Asks for the object's removal.
    ///
    /// - Returns: whether the object is gone already.
    /// - Throws: `conflict` if the preconditions do not hold; `notFound` if there is no such object.
    @discardableResult
    public func delete(
        _ name: String, preconditions: DeletePreconditions = .none, propagation: DeletePropagation = .background
    ) async throws(KubernetesError) -> Deletion {
        let options = DeleteOptions(preconditions: preconditions, propagation: propagation)
        let response = try await client.calls.call(try builder.delete(name, options))
        // The body is a Status, or the object where that still exists.
        guard let json = response.json, let status = Status(json: json) else {
            _ = try check.object(response, named: name)
            return .removing
        }
        guard status.status == "Success" else {
            throw KubernetesError(.invalidResponse, "the response to the removal is HTTP 200 and a Status of failure")
        }
        return .removed
    }

    /// Asks for the removal of all selected objects, page by page, each page within the deadline of one call.
    ///
    /// There must be a selector. Nothing is undone when a page fails: what was removed before stays removed. An object
    /// that appears meanwhile may be removed or not.
    /// - Parameters:
    ///   - pageSize: how many objects the server removes at a time.
    /// - Returns: the metadata of the objects whose removal was requested.
    @discardableResult
    public func deleteCollection(
        labelSelector: String? = nil, fieldSelector: String? = nil, propagation: DeletePropagation = .background,
        pageSize: Int = 500
    ) async throws(KubernetesError) -> [PartialObjectMetadata] {
        var pages = PagedList<PartialObjectMetadata>(
            query: ListQuery(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize))
        while let next = pages.next {
            let request = try builder.deleteCollection(next, propagation)
            do throws(KubernetesError) {
                let response = try await client.calls.call(request)
                let page = try check.list(response, metadataOnly: true)
                pages.add(try Self.metadata(page.items), continueToken: page.continueToken)
            } catch {
                try pages.failed(error)
            }
        }
        return pages.items
    }

    // MARK: - Lists

    /// The objects, all pages of them, in the server's order: by namespace and name.
    ///
    /// When the server no longer keeps the version of the first page (410), the list begins anew, at most twice. An
    /// object that its view cannot read stands in `unreadable` and does not affect the others.
    /// - Parameters:
    ///   - labelSelector: as in kubectl: `app=web,tier in (a,b)`.
    ///   - fieldSelector: as in kubectl: `metadata.name=web`.
    ///   - pageSize: how many objects the server sends at a time.
    public func list(
        labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500
    ) async throws(KubernetesError) -> ResourceList<Resource> {
        let query = ListQuery(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize)
        var list = ResourceList<Resource>()
        for item in try await items(query, metadataOnly: false) {
            do {
                list.items.append(try Resource(json: item))
            } catch {
                list.unreadable.append(.init(name: item["metadata"]?["name"]?.stringValue, error: error))
            }
        }
        return list
    }

    /// What the projection makes of the objects, page by page: for lists that are too long to be held whole.
    ///
    /// Each page is read within the deadline of one call. An object that its view or the projection cannot read is left out.
    public func list<Value: Sendable>(
        labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500,
        projection: (Resource) throws(KubernetesError) -> Value
    ) async throws(KubernetesError) -> [Value] {
        let query = ListQuery(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize)
        return try await project(query, metadataOnly: false) { try? projection(Resource(json: $0)) }
    }

    /// What the projection makes of the objects' metadata, page by page; `nil` leaves an object out.
    ///
    /// Each page is read within the deadline of one call.
    public func listMetadata<Value: Sendable>(
        labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500,
        projection: (ObjectMetadata) -> Value?
    ) async throws(KubernetesError) -> [Value] {
        let query = ListQuery(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize)
        return try await project(query, metadataOnly: true) {
            (try? ObjectMetadata(json: $0["metadata"] ?? .null)).flatMap(projection)
        }
    }

    private func project<Value: Sendable>(
        _ query: ListQuery, metadataOnly: Bool, _ projection: (JSONValue) -> Value?
    ) async throws(KubernetesError) -> [Value] {
        var pages = PagedList<Value>(query: query)
        while let next = pages.next {
            let request = try builder.list(next, metadataOnly: metadataOnly)
            do throws(KubernetesError) {
                let page = try check.list(try await client.calls.call(request), metadataOnly: metadataOnly)
                pages.add(page.items.compactMap(projection), continueToken: page.continueToken)
            } catch {
                try pages.failed(error)
            }
        }
        return pages.items
    }

    /// The metadata of the objects, all pages, without their contents.
    ///
    /// For names, times and labels this is what to ask for: the server reads and sends a fraction.
    public func listMetadata(
        labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500
    ) async throws(KubernetesError) -> [PartialObjectMetadata] {
        let query = ListQuery(labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize)
        return try Self.metadata(try await items(query, metadataOnly: true))
    }

    private static func metadata(_ items: [JSONValue]) throws(KubernetesError) -> [PartialObjectMetadata] {
        var list: [PartialObjectMetadata] = []
        for item in items {
            list.append(PartialObjectMetadata(metadata: try ObjectMetadata(json: item["metadata"] ?? .null)))
        }
        return list
    }

    /// All pages' items, read within one deadline.
    private func items(_ query: ListQuery, metadataOnly: Bool) async throws(KubernetesError) -> [JSONValue] {
        let deadline = ContinuousClock.now + client.options.deadline
        var pages = PagedList<JSONValue>(query: query)
        while let next = pages.next {
            let request = try builder.list(next, metadataOnly: metadataOnly)
            do throws(KubernetesError) {
                let response = try await CallDeadline.at(deadline) { () async throws(KubernetesError) in
                    try await client.calls.call(request)
                }
                let page = try check.list(response, metadataOnly: metadataOnly)
                pages.add(page.items, continueToken: page.continueToken)
            } catch {
                try pages.failed(error)
            }
        }
        return pages.items
    }

    // MARK: - Parts

    var builder: RequestBuilder {
        RequestBuilder(
            definition: Resource.definition, namespace: namespace, fieldManager: client.options.fieldManager,
            fieldValidation: client.options.fieldValidation)
    }

    var check: ResponseCheck { ResponseCheck(definition: Resource.definition, namespace: namespace) }

    /// The object with what every object must say of itself.
    private func sent(_ resource: Resource) -> JSONValue {
        var object: JSONObject = [
            "apiVersion": .string(Resource.definition.apiVersion), "kind": .string(Resource.definition.kind),
        ]
        for (key, value) in resource.json.objectValue?.members ?? [] { object[key] = value }
        return .object(object)
    }

    private func object(_ request: KubernetesRequest, named name: String?) async throws(KubernetesError) -> Resource {
        let response = try await client.calls.call(request)
        do {
            return try Resource(json: try check.object(response, named: name))
        } catch {
            // The write is done: only the response that reports it is unreadable.
            var error = error
            error.mayHaveBeenApplied = request.isWrite
            throw error
        }
    }
}

/// The objects of a list.
public struct ResourceList<Resource: KubernetesResource>: Sendable {
    /// An object that exists and cannot be read.
    public struct Unreadable: Sendable {
        /// Its name, as far as it has one.
        public let name: String?
        /// Why its view cannot read it.
        public let error: KubernetesError
    }

    /// The objects, in the server's order.
    public internal(set) var items: [Resource] = []
    /// The objects that their view could not read.
    public internal(set) var unreadable: [Unreadable] = []
}
