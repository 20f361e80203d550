import Components
import Foundation
import HTTPTypes
import OpenAPI
import Testing

@testable import ComponentsHTTP

struct EndpointTableTests {
    private let table = EndpointTable.example

    private func route(_ target: String) throws -> Route { try table.route(try RequestPath(target: target)) }

    // MARK: the endpoints there are

    @Test func everyEndpointIsReachedByItsPathAndItsMethod() throws {
        for endpoint in table.endpoints {
            let route = try route(endpoint.examplePath)
            #expect(route.template == endpoint.path)
            #expect(route.endpoint(for: endpoint.method)?.id == endpoint.id)
            if endpoint.method == .get { #expect(route.endpoint(for: .head)?.id == endpoint.id) }
        }
    }

    @Test func everyOtherMethodOfAPathIsRefusedWithThoseThereAre() async throws {
        let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "get"]
        for endpoint in table.endpoints {
            let served = try route(endpoint.examplePath).methods.map(\.rawValue)
            for name in all where !served.contains(name) {
                let (response, calls) = await exchange(
                    APIRequest(try #require(HTTPRequest.Method(name)), endpoint.examplePath))
                #expect(response.head.status == .methodNotAllowed, "\(name) \(endpoint.path)")
                #expect(response.head.headerFields[.allow] == served.joined(separator: ", "))
                #expect(calls.isEmpty)
            }
        }
    }

    @Test func aToolsEndpointsAreThoseWhosePathsNameATool() {
        for endpoint in table.endpoints {
            #expect(endpoint.needsIdentity == endpoint.path.parameters.contains("tool"), "\(endpoint.id)")
        }
    }

    @Test func everyDocumentedEndpointSaysWhatItIs() {
        for endpoint in table.endpoints where endpoint.isDocumented {
            #expect(!endpoint.summary.isEmpty)
            #expect(!endpoint.summary.hasSuffix("."))
            #expect(endpoint.successes.allSatisfy { !$0.description.isEmpty })
            #expect(endpoint.parameters.allSatisfy { !$0.description.isEmpty })
            for status in endpoint.errorStatuses { #expect(ErrorDescriptions.text(of: status) != "An error.") }
        }
    }

    /// nginx refuses some methods itself, and says which there are.
    @Test func nginxNamesTheMethodsOfTheEndpoints() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../nginx").standardized
        let text = try String(contentsOf: folder.appending(path: "nginx.conf.in"), encoding: .utf8)
        let allow = try #require(text.firstMatch(of: #/\/_gateway\/\(405 0\|400 1\)\\z" "([A-Z, ]+)";/#)).output.1
        let methods = Set(table.endpoints.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] })
        #expect(allow == methods.sorted().joined(separator: ", "))
    }

    @Test(arguments: [
        "/", "/api", "/api/v1", "/api/v1/tool", "/api/v1/tool/demo", "/api/v1/tool/demo/other",
        "/api/v1/tool/demo/config/x", "/api/v1/tool/demo/deploy/d/x", "/api/v2/tool/demo/config",
        "/API/v1/tool/demo/config", "/api/v1/tool/demo/Config", "/v1/tool/demo/deploy", "/v2/tool/demo/config",
        "/healthz/x", "/docs/x",
        "/openapi.yaml", "/components/api/v1/tool/demo/config", "/favicon.ico", "/api/v1/tool/UPPER/other",
    ])
    func otherPathsAreUnknown(_ target: String) {
        #expect(throws: RequestFault.unknownPath) { try route(target) }
    }

    @Test(arguments: [
        "UPPER", "1a", "a-", "-a", "a_b", "a.b", "%C3%A9", "a%20b", String(repeating: "a", count: 59), "a%3Ab",
    ])
    func namesThatNoToolCanHaveAreSaidToBe(_ name: String) throws {
        for rest in ["config", "deploy", "deploy/d"] {
            do {
                _ = try route("/api/v1/tool/\(name)/\(rest)")
                Issue.record("\(name) was taken")
            } catch let fault as RequestFault {
                guard case .invalidToolName = fault else {
                    Issue.record("\(fault)")
                    continue
                }
                let response = ErrorResponse(fault)
                #expect(response.status == .notFound)
                #expect(response.messages.first?.contains("begins with a letter") == true)
            }
        }
    }

    @Test func toolOfAPathIsTheDecodedOne() throws {
        #expect(try route("/api/v1/tool/%64emo/config").tool == (try ToolName(known: "demo")))
        #expect(try route("/api/v1/tool/demo/deploy/any%20id").values["deploy-id"] == "any id")
        #expect(try route("/healthz").tool == nil)
        #expect(try route("/healthz").values["deploy-id"] == "")
    }

    // MARK: tables that end the start

    private static func endpoint(
        _ path: PathTemplate, _ method: HTTPRequest.Method = .get, id: String = "getIt",
        parameters: [OpenAPIParameter] = [], schema: String? = nil, waits: Endpoint.Waits = .never,
        isTools: Bool = false
    ) -> Endpoint {
        Endpoint(
            method: method, path: path, id: id, tag: "t", summary: "It", parameters: parameters,
            successes: [Success(status: .ok, description: "It.", schema: schema)], waits: waits,
            handler: isTools
                ? .tool { _, _ in Response(Envelope(data: nil)) } : .anybody { _ in Response(Envelope(data: nil)) })
    }

    private static func family(_ endpoints: [Endpoint], prefix: String = "", tag: String = "t") -> Family {
        Family(
            prefix: prefix, tags: [OpenAPIDocument.Tag(name: tag, description: "")], schemas: [], endpoints: endpoints,
            errorResponse: ErrorResponse.init(native:prefix:))
    }

    @Test(
        arguments: [
            ([family([endpoint("/a/{b}")])], #"has the parameters ["b"], and it declares []"#),
            (
                [family([endpoint("/a", parameters: [.deployID])])],
                #"has the parameters [], and it declares ["deploy-id"]"#
            ),
            ([family([endpoint("/a"), endpoint("/a", id: "getOther")])], "/a: two endpoints have the same method"),
            (
                [
                    family([
                        endpoint("/a/{tool}", parameters: [.tool]),
                        endpoint("/a/{deploy-id}", .post, id: "x", parameters: [.deployID]),
                    ])
                ], "differs only in the names"
            ),
            ([family([endpoint("/a")]), family([endpoint("/a", id: "getOther")])], "/a: another path"),
            ([family([endpoint("/a"), endpoint("/b")])], "the id getIt is used twice"),
            ([family([endpoint("/a")], tag: "other")], "there is no tag t"),
            ([family([endpoint("/a", schema: "Nothing")])], "there is no schema Nothing"),
            ([family([endpoint("/a", .head)])], "HEAD follows from GET"),
            ([family([endpoint("/a", isTools: true)])], "its path names none"),
            ([family([endpoint("/a")], prefix: "/b")], "does not begin with the prefix"),
            ([family([endpoint("/a//b")])], "a segment of it is empty"),
            ([family([endpoint("/a", waits: .whenAsked("b"))])], "by b, which is none of its query parameters"),
        ] as [([Family], String)])
    func endpointsThatDoNotFitEndTheStart(_ families: [Family], _ words: String) {
        do throws(EndpointTableError) {
            _ = try EndpointTable(families).document(title: "", description: "", version: "")
            Issue.record("taken, though \(words)")
        } catch {
            #expect(error.description.contains(words))
        }
    }

    @Test func endpointsThatFitMakeATable() throws {
        let endpoints = [Self.endpoint("/a"), Self.endpoint("/a", .post, id: "post"), Self.endpoint("/b", id: "other")]
        let table = try EndpointTable([Self.family(endpoints)])
        #expect(try table.route(try RequestPath(target: "/a")).methods == [.get, .head, .post])
    }

    @Test func pathWithoutAnEndpointIsAnsweredInTheWordsOfItsFamily() throws {
        let path = try RequestPath(target: "/api/v1/nowhere")
        #expect(table.family(of: path)?.prefix == "/api/v1")
        #expect(table.family(of: try RequestPath(target: "/api/v10"))?.prefix == "")
        #expect(table.family(of: nil)?.prefix == "")
    }
}
