/// The version of this service, in its OpenAPI document, its log and its calls to the cluster.
enum ServiceVersion {
    static let current = "0.1.0"
}
