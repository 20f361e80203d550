import Components
import HTTPTypes
import Logging
import Testing

@testable import ComponentsHTTP

/// Who is let in by a deploy token, and to what.
struct DeployTokenAdmissionTests {
    private static let nobody = GatewayParameters(clientVerify: "NONE", clientSubject: "", prefix: "")
    private static let token = ScriptedTokens.accepted
    private static let wrong = "00000000-0000-4000-8000-000000000000"

    /// The endpoints for which a token is enough: those that start and follow deployments.
    private static let open: Set<String> = [
        "startDeployment", "getDeployment", "getDeploymentResult", "followDeployment", "getBuildLog",
        "createComponentsDeployment", "getComponentsDeployment",
    ]

    private static func bearer(_ token: String, scheme: String = "Bearer") -> HTTPFields {
        [.authorization: "\(scheme) \(token)"]
    }

    @Test func aTokenStartsAndFollowsDeploymentsAndNothingElse() async throws {
        for endpoint in EndpointTable.example.endpoints where endpoint.needsIdentity {
            let (response, calls) = await exchange(
                APIRequest(
                    endpoint.method, endpoint.examplePath, fields: Self.bearer(Self.token), gateway: Self.nobody))
            if endpoint.acceptsDeployToken {
                // The result of a deployment that goes on is 429.
                #expect(
                    response.head.status.kind == .successful || endpoint.id == "getDeploymentResult", "\(endpoint.id)")
                #expect(!calls.isEmpty, "\(endpoint.id)")
                #expect(Self.open.contains(endpoint.id))
            } else {
                #expect(response.head.status == .forbidden, "\(endpoint.id)")
                #expect(response.head.headerFields[.wwwAuthenticate] == #"Bearer error="insufficient_scope""#)
                #expect(calls.isEmpty)
            }
        }
        #expect(Set(EndpointTable.example.endpoints.filter(\.acceptsDeployToken).map(\.id)) == Self.open)
    }

    @Test(arguments: DeployTokenRefusal.allCases)
    func aWrongTokenIsUnauthorizedAndNeverRepeated(_ refusal: DeployTokenRefusal) async throws {
        let log = CapturedLog()
        for path in ["/v1/tool/demo/deployment", "/api/v1/tool/demo/deploy"] {
            let (response, calls) = await exchange(
                APIRequest(.post, path, fields: Self.bearer(Self.wrong), gateway: Self.nobody),
                tokens: ScriptedTokens(refusal: refusal), logger: log.logger)
            #expect(response.head.status == .unauthorized)
            #expect(response.head.headerFields[.wwwAuthenticate] == #"Bearer error="invalid_token""#)
            #expect(calls.isEmpty)
            #expect(try response.errors().count == 1)
            #expect(!String(decoding: response.body, as: UTF8.self).contains(Self.wrong))
        }
        #expect(!"\(log.lines)".contains(Self.wrong))
    }

    @Test func theWordsThatScriptsLookForAreThere() async throws {
        for (refusal, words) in [
            (DeployTokenRefusal.other, "does not match the tool's token"),
            (.noToken, "The tool 'demo' has no deploy token yet, you have to create one before using it"),
            (.expired, "has expired, please create a new one"),
        ] {
            let (response, _) = await exchange(
                APIRequest(.post, "/v1/tool/demo/deployment?token=\(Self.wrong)", gateway: Self.nobody),
                tokens: ScriptedTokens(refusal: refusal))
            #expect(try response.errors()[0].contains(words))
        }
    }

    @Test(arguments: ["bearer", "BEARER", "Bearer  "])
    func theSchemeIsSpeltInAnyCase(_ scheme: String) async {
        let (response, _) = await exchange(
            APIRequest(
                .get, "/v1/tool/demo/deployment/d", fields: Self.bearer(Self.token, scheme: scheme),
                gateway: Self.nobody))
        #expect(response.head.status == .ok)
    }

    @Test(arguments: ["Bearer", "Bearer "])
    func theSchemeWithoutATokenIsUnauthorized(_ value: String) async {
        let (response, calls) = await exchange(
            APIRequest(
                .get, "/v1/tool/demo/deployment/d", fields: [.authorization: value], gateway: Self.nobody))
        #expect(response.head.status == .unauthorized)
        #expect(calls.isEmpty)
    }

    @Test(arguments: ["Basic", "Negotiate", "Bearerx", "Token"])
    func otherSchemesAreNoTokens(_ scheme: String) async {
        let tokens = ScriptedTokens()
        for (gateway, status) in [(Self.nobody, HTTPResponse.Status.unauthorized), (.demo, .ok)] {
            let (response, _) = await exchange(
                APIRequest(
                    .get, "/v1/tool/demo/deployment/d", fields: Self.bearer(Self.token, scheme: scheme),
                    gateway: gateway), tokens: tokens)
            #expect(response.head.status == status)
        }
        #expect(tokens.calls.isEmpty)
    }

    @Test func theQueryHoldsATokenOnlyWhereTheFieldHasIt() async throws {
        let (started, _) = await exchange(
            APIRequest(.post, "/v1/tool/demo/deployment?token=\(Self.token)", gateway: Self.nobody))
        #expect(started.head.status == .ok)
        let (native, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/deploy?token=\(Self.token)", gateway: Self.nobody))
        #expect(native.head.status == .unauthorized)
        #expect(calls.isEmpty)
        let (misplaced, none) = await exchange(APIRequest(.get, "/v1/tool/demo/config?token=\(Self.token)"))
        #expect(misplaced.head.status == .badRequest)
        #expect(none.isEmpty)
        #expect(!String(decoding: misplaced.body, as: UTF8.self).contains(Self.token))
    }

    @Test func severalTokensAreRefused() async throws {
        var twice = Self.bearer(Self.token)
        twice.append(HTTPField(name: .authorization, value: "Bearer \(Self.token)"))
        for (path, fields) in [
            ("/v1/tool/demo/deployment/d", twice), ("/v1/tool/demo/deployment/d?token=x", Self.bearer(Self.token)),
        ] {
            let (response, calls) = await exchange(APIRequest(.get, path, fields: fields, gateway: Self.nobody))
            #expect(response.head.status == .badRequest)
            #expect(calls.isEmpty)
        }
    }

    @Test func whoShowsACertificateTooMustMeanTheSameToolByBoth() async throws {
        let other = GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=other,O=toolforge")
        let cases: [(GatewayParameters, String, HTTPResponse.Status)] = [
            (.demo, Self.token, .ok), (.demo, Self.wrong, .forbidden), (other, Self.token, .forbidden),
            (GatewayParameters(clientVerify: "FAILED:expired", clientSubject: ""), Self.token, .unauthorized),
            (GatewayParameters(), Self.token, .unauthorized),
            (GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=demo,O=other"), Self.token, .unauthorized),
        ]
        for (gateway, token, status) in cases {
            let (response, calls) = await exchange(
                APIRequest(.get, "/v1/tool/demo/deployment/d", fields: Self.bearer(token), gateway: gateway))
            #expect(response.head.status == status)
            #expect(calls.isEmpty == (status != .ok))
        }
    }

    @Test func aTokenIsCheckedForThePathsToolAlone() async {
        let tokens = ScriptedTokens()
        let (response, calls) = await exchange(
            APIRequest(
                .get, "/api/v1/tool/other/deploy/d", fields: Self.bearer(Self.token), gateway: Self.nobody),
            tokens: tokens)
        #expect(response.head.status == .unauthorized)
        #expect(tokens.calls == ["check other"])
        #expect(calls.isEmpty)
    }

    @Test func aClusterThatDoesNotSayLetsNobodyIn() async throws {
        let tool = try ToolName(known: "demo")
        for path in ["/v1/tool/demo/deployment", "/api/v1/tool/demo/deploy"] {
            let (response, calls) = await exchange(
                APIRequest(.post, path, fields: Self.bearer(Self.token), gateway: Self.nobody),
                tokens: ScriptedTokens(error: .cluster(.timedOut(mayHaveHappened: false), tool)))
            #expect(response.head.status == .gatewayTimeout)
            #expect(calls.isEmpty)
        }
    }
}
