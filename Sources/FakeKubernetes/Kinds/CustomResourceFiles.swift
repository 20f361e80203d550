import Foundation

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
