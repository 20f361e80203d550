/// The objects of a list.
public struct ResourceList<Resource: KubernetesResource>: Sendable {
    /// An object that is there and cannot be read.
    public struct Unreadable: Sendable {
        /// Its name, as far as it has one.
        public let name: String?
        /// What its view says against it.
        public let error: KubernetesError
    }

    /// The objects, in the server's order.
    public internal(set) var items: [Resource] = []
    /// Those that their view could not read.
    public internal(set) var unreadable: [Unreadable] = []
}
