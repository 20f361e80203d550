/// What a tool's config asks for, once every rule holds.
///
/// It is a reading of the document, never its replacement: what is stored is the document itself.
struct ToolConfig: Sendable, Equatable {
    /// The components, in the order of their names; none if a source is named.
    var components: [Component]
    /// The URL where the config is that counts in place of this one.
    var source: String?
}

/// One component of a tool.
struct Component: Sendable, Equatable {
    /// A DNS-1123 label of at most 40 characters.
    var name: String
    /// Where its image comes from.
    var source: ComponentSource

    /// The name of the component whose build it runs: its own, unless it reuses another's.
    var builder: String {
        switch source {
        case .repository: name
        case .reuse(let target): target
        }
    }
}

/// Where a component's image comes from.
enum ComponentSource: Sendable, Equatable {
    /// A build of its own, from a git repository. `ref` is `nil` where the config names none: the repository's `HEAD`.
    case repository(String, ref: String?)
    /// The build of that other component, which builds itself.
    case reuse(of: String)
}
