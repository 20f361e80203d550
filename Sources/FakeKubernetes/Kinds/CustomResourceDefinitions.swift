import Foundation

extension ResourceDefinition {
    /// The kind that a CRD defines.
    ///
    /// - Throws: `SchemaError` for a schema that the fake cannot enforce to the letter.
    init(customResourceDefinition crd: Value) throws(SchemaError) {
        let spec = crd["spec"] ?? [:]
        let names = spec["names"] ?? [:]
        let kind = names["kind"]?.string ?? ""
        var versions: [Version] = []
        for version in spec["versions"]?.array ?? [] where version["served"]?.bool == true {
            let document = version.at("schema", "openAPIV3Schema")
            versions.append(
                Version(
                    name: version["name"]?.string ?? "",
                    schema: try document.map { value throws(SchemaError) in try StructuralSchema(crdSchema: value) },
                    schemaDocument: document, printerColumns: version["additionalPrinterColumns"]?.array ?? [],
                    selectableFields: Set(
                        (version["selectableFields"]?.array ?? []).compactMap { field in
                            field["jsonPath"]?.string.map { String($0.trimmingPrefix { $0 == "." }) }
                        }),
                    hasStatus: version.at("subresources", "status") != nil))
        }
        self.init(
            origin: .custom, group: spec["group"]?.string ?? "", plural: names["plural"]?.string ?? "",
            singular: names["singular"]?.string ?? kind.lowercased(), kind: kind,
            listKind: names["listKind"]?.string ?? kind + "List",
            shortNames: names["shortNames"]?.array?.compactMap(\.string) ?? [],
            categories: names["categories"]?.array?.compactMap(\.string) ?? [],
            isNamespaced: spec["scope"]?.string == "Namespaced", versions: versions)
    }
}

extension ClusterState {
    /// Serves the kind that a CRD defines, and reports that in its status.
    mutating func establish(_ crd: Value, now: Date) throws(StatusError) {
        let definition: ResourceDefinition
        do throws(SchemaError) {
            definition = try ResourceDefinition(customResourceDefinition: crd)
        } catch {
            throw .badRequest("\(error)")
        }
        definitions[definition.groupResource] = definition
        func condition(_ type: String, _ reason: String, _ message: String) -> Value {
            [
                "type": .string(type), "status": "True", "lastTransitionTime": .string(now.timestamp),
                "reason": .string(reason), "message": .string(message),
            ]
        }
        var value = crd
        value.set(
            [
                condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
            ], at: "status", "conditions")
        value.set(crd.at("spec", "names"), at: "status", "acceptedNames")
        try store(value, as: ResourceDefinition.customResourceDefinitions)
    }

    /// Stops serving the kind that a CRD defined, and removes all its objects.
    mutating func retire(_ crd: Value) {
        let resource = GroupResource(
            group: crd.at("spec", "group")?.string ?? "", resource: crd.at("spec", "names", "plural")?.string ?? "")
        definitions[resource] = nil
        for object in table(resource).objects(in: nil).map(\.object) { remove(object, from: resource) }
    }
}

extension Value {
    /// Fills in the fields of a CRD that default on the server.
    mutating func prepareCustomResourceDefinition() {
        let kind = at("spec", "names", "kind")?.string ?? ""
        if at("spec", "names", "singular") == nil { set(.string(kind.lowercased()), at: "spec", "names", "singular") }
        if at("spec", "names", "listKind") == nil { set(.string(kind + "List"), at: "spec", "names", "listKind") }
        if at("spec", "conversion") == nil { set(["strategy": "None"], at: "spec", "conversion") }
        var versions = at("spec", "versions")?.array ?? []
        for index in versions.indices where versions[index]["additionalPrinterColumns"] == [] {
            versions[index]["additionalPrinterColumns"] = nil
        }
        set(.array(versions), at: "spec", "versions")
        if self["status"] == nil {
            self["status"] = [
                "conditions": .null, "acceptedNames": ["plural": "", "kind": ""],
                "storedVersions": .array(
                    versions.filter { $0["storage"]?.bool == true }.compactMap { $0["name"] }),
            ]
        }
    }

    /// What is wrong with a CRD; that includes a schema that the fake cannot enforce.
    var problemsOfCustomResourceDefinition: [FieldError] {
        var errors: [FieldError] = []
        let plural = at("spec", "names", "plural")?.string ?? ""
        let group = at("spec", "group")?.string ?? ""
        for (path, value) in [
            ("spec.group", group), ("spec.names.plural", plural),
            ("spec.names.kind", at("spec", "names", "kind")?.string ?? ""),
        ] where value.isEmpty { errors.append(FieldError(.required, at: path)) }
        if name != "\(plural).\(group)" {
            errors.append(
                FieldError(
                    .invalid, at: "metadata.name", value: .string(name),
                    detail: "must be spec.names.plural+\".\"+spec.group"))
        }
        let scope = at("spec", "scope") ?? ""
        if scope != "Namespaced", scope != "Cluster" {
            errors.append(
                FieldError(
                    .notSupported, at: "spec.scope", value: scope,
                    detail: #"supported values: "Cluster", "Namespaced""#))
        }
        let versions = at("spec", "versions")?.array ?? []
        if versions.count(where: { $0["storage"]?.bool == true }) != 1 {
            errors.append(
                FieldError(
                    .invalid, at: "spec.versions", value: .array(versions),
                    detail: "must have exactly one version marked as storage version"))
        }
        for (index, version) in versions.enumerated() {
            let path = "spec.versions[\(index)].schema.openAPIV3Schema"
            guard let schema = version.at("schema", "openAPIV3Schema") else {
                errors.append(FieldError(.required, at: path, detail: "schemas are required"))
                continue
            }
            do throws(SchemaError) {
                _ = try StructuralSchema(crdSchema: schema)
            } catch {
                errors.append(FieldError(.invalid, at: path, detail: "\(error)"))
            }
        }
        return errors
    }
}

/// The CRDs in a folder.
enum CustomResourceFiles {
    /// Reads every CRD in the YAML files of a folder, in the order of their names; other objects are passed over.
    ///
    /// - Throws: `SetUpError` that names the file.
    static func read(_ directory: String) throws -> [Value] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw SetUpError(message: "there is no folder \(directory) to read CRDs from")
        }
        var found: [Value] = []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let file = directory + "/" + name
            guard let text = FileManager.default.contents(atPath: file) else {
                throw SetUpError(message: "cannot read \(file)")
            }
            do {
                found += try Value.documents(yaml: Array(text)).filter { $0["kind"] == "CustomResourceDefinition" }
            } catch {
                throw SetUpError(message: "\(file): \(error.message)")
            }
        }
        return found
    }
}

extension ClusterStore {
    /// Creates a CRD as a request would.
    ///
    /// - Throws: `SetUpError` with the refusal's message.
    func install(_ crd: Value) throws {
        let path = ResourcePath(
            group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions")
        let call = APICall(
            verb: .create, path: path, query: QueryItems(""), contentType: "application/json", body: crd.serialized(),
            user: Identity.administrator.user)
        do {
            _ = try perform(call)
        } catch {
            throw SetUpError(message: "the CRD \(crd.name) cannot be served: \(error.message)")
        }
    }
}
