import Crypto
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

struct DocumentationResponseTests {
    @Test func pageIsNotWrappedAndNeedsNoIdentity() async throws {
        let (response, calls) = await exchange(APIRequest(.get, "/docs", gateway: GatewayParameters()))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/html; charset=utf-8")
        #expect(response.head.headerFields[.cacheControl] == "no-store")
        #expect(calls.isEmpty)
        #expect(String(decoding: response.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
    }

    @Test func policyAllowsTheScriptAndTheStyleOfThePageAndNothingElse() async throws {
        let (response, _) = await exchange(APIRequest(.get, "/docs"))
        let page = String(decoding: response.body, as: UTF8.self)
        let policy = try #require(response.head.headerFields[.contentSecurityPolicy])
        let directives = policy.split(separator: "; ").map(String.init)
        for element in ["script", "style"] {
            let pieces = page.matches(of: try Regex<(Substring, Substring)>("<\(element)>((?s:.*?))</\(element)>"))
            #expect(pieces.count == 1)
            let text = try #require(pieces.first).output.1
            let hash = Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
            #expect(directives.contains("\(element)-src 'sha256-\(hash)'"))
        }
        for directive in [
            "default-src 'none'", "connect-src 'self'", "form-action 'none'", "frame-ancestors 'none'",
            "base-uri 'none'", "require-trusted-types-for 'script'",
        ] {
            #expect(directives.contains(directive))
        }
        #expect(!policy.contains("unsafe"))
        #expect(response.head.headerFields[.xContentTypeOptions] == "nosniff")
        #expect(response.head.headerFields[try #require(HTTPField.Name("Referrer-Policy"))] == "no-referrer")
    }

    @Test func headAnswersTheFieldsOfGet() async {
        let fields: HTTPFields = [.requestID: "fixed"]
        let get = await exchange(APIRequest(.get, "/docs", fields: fields)).response
        let head = await exchange(APIRequest(.head, "/docs", fields: fields)).response
        #expect(head.head == get.head)
        #expect(head.body.isEmpty)
        #expect(get.head.headerFields[.contentLength] == String(get.body.count))
    }

    @Test func otherMethodsAreRefused() async throws {
        let (response, _) = await exchange(APIRequest(.post, "/docs"))
        #expect(response.head.status == .methodNotAllowed)
        #expect(response.head.headerFields[.allow] == "GET, HEAD")
    }

    @Test func pageFollowsThePrefixOfTheGateway() async {
        let (response, _) = await exchange(APIRequest(.get, "/docs", gateway: GatewayParameters(prefix: "/components")))
        let page = String(decoding: response.body, as: UTF8.self)
        #expect(page.contains("data-path=\"/components/healthz\""))
        #expect(!page.contains("data-path=\"/healthz\""))
    }
}
