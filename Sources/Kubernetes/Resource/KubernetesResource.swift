public import JSON

/// A typed view of the objects of one kind.
///
/// The client checks what every object has in common (`apiVersion`, `kind`, `metadata`) before it hands the object to
/// `init(json:)`, and adds `apiVersion` and `kind` to what it sends; the view is left with its own fields.
public protocol KubernetesResource: Sendable {
    /// Where the kind lives in the API.
    static var definition: ResourceDefinition { get }

    /// The object's metadata.
    var metadata: ObjectMetadata { get }

    /// Reads an object as the API server gave it.
    ///
    /// - Throws: `KubernetesError` with the code `invalidResponse` when the object is not what the view needs.
    init(json: JSONValue) throws(KubernetesError)

    /// The object as it is sent; `apiVersion` and `kind` may be left out.
    var json: JSONValue { get }
}

/// The metadata of any object, without its contents.
///
/// The API server reads no `spec` and no `status` for it: lists of names are made of these.
public struct PartialObjectMetadata: Sendable, Equatable {
    /// The object's metadata.
    public let metadata: ObjectMetadata

    /// The object's name.
    public var name: String { metadata.name ?? "" }

    /// What stands in that metadata.
    public init(metadata: ObjectMetadata) {
        self.metadata = metadata
    }
}
