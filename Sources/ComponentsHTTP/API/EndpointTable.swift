import Components
import HTTPTypes
import JSON
import OpenAPI

/// Every endpoint of every family, checked once, when the process starts.
struct EndpointTable: Sendable {
    /// The families; a path that is of several is that of the first.
    let families: [Family]
    private let router: Router<Path>

    /// The endpoints of one path.
    private struct Path: Sendable {
        let template: PathTemplate
        let family: Int
        let endpoints: [Endpoint]
    }

    /// A table of these families; the last one is to take the paths that no other takes.
    ///
    /// - Throws: `EndpointTableError` with everything that does not fit. What they say of schemas, tags and ids is
    ///   checked where the document is made of it.
    init(_ families: [Family]) throws(EndpointTableError) {
        self.families = families
        var faults: [String] = []
        var router = Router<Path>()
        for (index, family) in families.enumerated() {
            faults += family.endpoints.flatMap { Self.faults(of: $0, in: family) }
            var templates: [PathTemplate] = []
            for endpoint in family.endpoints where !templates.contains(endpoint.path) {
                templates.append(endpoint.path)
            }
            for template in templates {
                let endpoints = family.endpoints.filter { $0.path == template }
                if Set(endpoints.map(\.method)).count < endpoints.count {
                    faults.append("\(template): two endpoints have the same method")
                }
                if !router.add(template, Path(template: template, family: index, endpoints: endpoints)) {
                    faults.append("\(template): another path differs only in the names of its parameters")
                }
            }
        }
        self.router = router
        guard faults.isEmpty else { throw EndpointTableError(faults: faults) }
    }

    private static func faults(of endpoint: Endpoint, in family: Family) -> [String] {
        let row = "\(endpoint.method.rawValue) \(endpoint.path)"
        if let fault = endpoint.path.fault { return ["\(row): \(fault)"] }
        var faults: [String] = []
        if !endpoint.path.description.hasPrefix(family.prefix) {
            faults.append("\(row): it does not begin with the prefix of its family, \(family.prefix)")
        }
        let declared = endpoint.parameters.filter { $0.place == .path }.map(\.name)
        if declared.sorted() != endpoint.path.parameters.sorted() {
            faults.append(
                "\(row): its template has the parameters \(endpoint.path.parameters), and it declares \(declared)")
        }
        if endpoint.method == .head { faults.append("\(row): HEAD follows from GET, and has no endpoint of its own") }
        if endpoint.needsIdentity, !endpoint.path.parameters.contains(Endpoint.toolParameter) {
            faults.append("\(row): it is a tool's, and its path names none")
        }
        if endpoint.acceptsDeployToken, !endpoint.needsIdentity {
            faults.append("\(row): it accepts a deploy token, and asks for no identity")
        }
        if endpoint.successes.isEmpty { faults.append("\(row): it has no success") }
        if case .whenAsked(let parameter) = endpoint.waits, !endpoint.names(in: .query).contains(parameter) {
            faults.append("\(row): it waits when asked by \(parameter), which is none of its query parameters")
        }
        if endpoint.formats.isEmpty { faults.append("\(row): it has no format") }
        return faults
    }

    /// Where the target of a request leads.
    ///
    /// - Throws: `RequestFault.invalidPath`, `.unknownPath`, and `.invalidToolName` where only the tool's name is wrong.
    func route(_ path: RequestPath) throws(RequestFault) -> Route {
        guard let (found, values) = router.match(path) else { throw .unknownPath }
        let path = PathValues(names: found.template.parameters, values: values)
        var tool: ToolName?
        if found.template.parameters.contains(Endpoint.toolParameter) {
            let name = path[Endpoint.toolParameter]
            tool = ToolName(name)
            guard tool != nil else { throw .invalidToolName(name) }
        }
        return Route(
            template: found.template, family: families[found.family], endpoints: found.endpoints, values: path,
            tool: tool)
    }

    /// The family whose words are used for a path, whatever is there.
    func family(of path: RequestPath?) -> Family? {
        path.flatMap { path in families.first { $0.contains(path) } } ?? families.last
    }

    /// The response to `OPTIONS *`: the methods that any path offers (RFC 9110, section 9.3.7).
    var optionsOfTheServer: Response {
        var methods = Set(families.flatMap(\.endpoints).map(\.method.rawValue))
        methods.insert(HTTPRequest.Method.head.rawValue)
        let list = methods.sorted().joined(separator: ", ")
        return Response(
            Envelope(
                data: .object(JSONObject()),
                info: ["The paths of this service offer \(list). GET /openapi.json lists the methods of each path."]),
            fields: [.allow: list])
    }

    /// The document of all endpoints that are documented.
    ///
    /// - Throws: `EndpointTableError` with every reference that leads nowhere, and every id that is used twice.
    func document(
        title: String, description: String, version: String
    ) throws(EndpointTableError) -> OpenAPIDocument {
        let document = OpenAPIDocument(
            title: title, description: description, version: version, tags: families.flatMap(\.tags),
            operations: families.flatMap { family in
                family.endpoints.flatMap { $0.operations(offeringProblems: family.offersProblems) }
            },
            schemas: Envelope.schemas + ProblemDetails.schemas + families.flatMap(\.schemas),
            securitySchemes: [
                (
                    name: "toolCertificate",
                    scheme: [
                        "type": "mutualTLS",
                        "description": "The certificate of the tool in the path: subject `CN=<tool>,O=toolforge`.",
                    ]
                ),
                (
                    name: "deployToken",
                    scheme: [
                        "type": "http", "scheme": "bearer",
                        "description": """
                        The deploy token of the tool in the path, for CI jobs that have no certificate: enough to start \
                        deployments and to follow them.
                        """,
                    ]
                ),
            ])
        let faults = document.faults
        guard faults.isEmpty else { throw EndpointTableError(faults: faults) }
        return document
    }
}

/// Endpoints that do not fit together: a mistake in the sources, found at the start.
struct EndpointTableError: Error, CustomStringConvertible {
    /// What does not fit: at least one sentence, without its full stop.
    let faults: [String]

    var description: String { "the endpoints do not fit together: \(faults.joined(separator: "; "))" }
}

/// A path of this service, as a request names it.
struct Route: Sendable {
    /// The path with names in place of what varies.
    let template: PathTemplate
    /// The family that it belongs to.
    let family: Family
    /// What it serves, one for each method but `HEAD`.
    let endpoints: [Endpoint]
    /// The values of its parameters.
    let values: PathValues
    /// The tool that it names, if it names one.
    let tool: ToolName?

    /// The endpoint of a method; that of `GET` for `HEAD`.
    func endpoint(for method: HTTPRequest.Method) -> Endpoint? {
        endpoints.first { $0.method == (method == .head ? .get : method) }
    }

    /// The methods that it answers, in the order of the `Allow` field (RFC 9110, section 10.2.1).
    var methods: [HTTPRequest.Method] {
        endpoints.flatMap { $0.method == .get ? [.get, .head] : [$0.method] }
    }

    /// Whether it is served when the service has too much to do.
    var isServedUnderOverload: Bool { endpoints.contains(where: \.isServedUnderOverload) }
}
