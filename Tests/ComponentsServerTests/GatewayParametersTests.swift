import FastCGI
import HTTPTypes
import Testing

@testable import ComponentsHTTP
@testable import ComponentsServer

struct GatewayParametersTests {
    private func gateway(_ parameters: CGIParameters, fields: HTTPFields = [:]) -> GatewayParameters {
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: fields)
        return APIRequest(FastCGIRequest(head: head, parameters: parameters)).gateway
    }

    @Test func identityIsWhatTheGatewaySays() {
        let given = gateway([
            "SSL_CLIENT_VERIFY": "FAILED:expired", "SSL_CLIENT_S_DN": "CN=demo,O=toolforge",
            "URL_PREFIX": "/components",
        ])
        #expect(
            given
                == GatewayParameters(
                    clientVerify: "FAILED:expired", clientSubject: "CN=demo,O=toolforge", prefix: "/components"))
    }

    @Test func parametersOfOtherNamesSayNothing() {
        let given = gateway([
            "HTTP_SSL_CLIENT_VERIFY": "SUCCESS", "ssl_client_verify": "SUCCESS", "SSL_CLIENT_VERIFY_": "SUCCESS",
            "REDIRECT_SSL_CLIENT_VERIFY": "SUCCESS", "HTTP_SSL_CLIENT_S_DN": "CN=demo", "SSL_CLIENT_I_DN": "CN=demo",
            "SSL_CLIENT_S_DN_LEGACY": "/CN=demo", "SSL_CLIENT_S_DN_CN": "demo", "REMOTE_USER": "demo",
            "HTTP_URL_PREFIX": "/evil",
        ])
        #expect(given == GatewayParameters())
    }

    @Test func fieldsSayNothing() throws {
        var fields: HTTPFields = [:]
        for name in ["SSL-Client-Verify", "SSL_CLIENT_VERIFY", "SSL-Client-S-DN", "SSL_CLIENT_S_DN", "URL-Prefix"] {
            fields[try #require(HTTPField.Name(name))] = name.contains("erify") ? "SUCCESS" : "CN=demo,O=toolforge"
        }
        #expect(gateway([:], fields: fields) == GatewayParameters())
    }
}
