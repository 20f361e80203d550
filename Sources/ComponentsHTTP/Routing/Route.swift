import Components
import HTTPTypes

/// What a path stands for.
enum Route: Equatable {
    /// The config of a tool.
    case config(ToolName)
    /// The deployments of a tool: where a new one is started.
    case deployments(ToolName)
    /// One deployment of a tool; `id` is any string.
    case deployment(ToolName, id: String)
    /// The OpenAPI document.
    case openAPI
    /// The page made from it.
    case documentation
    /// Whether the process lives.
    case health
    /// Whether the cluster answers.
    case readiness
    /// The figures of this process.
    case metrics

    /// The route of a path.
    ///
    /// - Throws: `RequestFault.unknownPath`; `RequestFault.invalidToolName` where only the tool's name is wrong.
    init(_ path: RequestPath) throws(RequestFault) {
        var segments = ArraySlice(path.segments)
        switch segments {
        case ["openapi.json"]: self = .openAPI
        case ["docs"]: self = .documentation
        case ["healthz"]: self = .health
        case ["readyz"]: self = .readiness
        case ["metrics"]: self = .metrics
        default:
            guard segments.starts(with: ["api", "v1", "tool"]), segments.count >= 5 else { throw .unknownPath }
            segments = segments.dropFirst(3)
            let name = segments.removeFirst()
            let rest = Array(segments)
            guard rest == ["config"] || rest.first == "deploy" && rest.count <= 2 else { throw .unknownPath }
            guard let tool = ToolName(name) else { throw .invalidToolName(name) }
            self =
                if rest == ["config"] {
                    .config(tool)
                } else if rest.count == 2 {
                    .deployment(tool, id: rest[1])
                } else {
                    .deployments(tool)
                }
        }
    }

    /// The tool that the path names, whose certificate the request needs; `nil` where no identity is asked for.
    var tool: ToolName? {
        switch self {
        case .config(let tool), .deployments(let tool), .deployment(let tool, _): tool
        case .openAPI, .documentation, .health, .readiness, .metrics: nil
        }
    }

    /// The path with names in place of what varies: for logs, and the key in the OpenAPI document (which does not
    /// list the page made from it).
    var template: String {
        switch self {
        case .config: "/api/v1/tool/{tool}/config"
        case .deployments: "/api/v1/tool/{tool}/deploy"
        case .deployment: "/api/v1/tool/{tool}/deploy/{deploy-id}"
        case .openAPI: "/openapi.json"
        case .documentation: "/docs"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        }
    }

    /// The methods it answers, in the order of the `Allow` field (RFC 9110, section 10.2.1).
    var methods: [HTTPRequest.Method] {
        switch self {
        case .config: [.get, .head, .post]
        case .deployments: [.post]
        case .deployment, .openAPI, .documentation, .health, .readiness, .metrics: [.get, .head]
        }
    }

    /// Whether a `GET` answers YAML to whoever asks for it.
    var offersYAML: Bool {
        switch self {
        case .config, .deployment: true
        case .deployments, .openAPI, .documentation, .health, .readiness, .metrics: false
        }
    }

    /// Whether it is answered even when the service has too much to do: it asks nobody, and tells what is wrong.
    var isServedUnderOverload: Bool { self == .health || self == .metrics }
}
