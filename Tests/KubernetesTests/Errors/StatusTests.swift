import JSON
import Testing

@testable import Kubernetes

@Suite struct StatusTests {
    private func error(_ status: Int, _ body: String, isWrite: Bool = true) -> KubernetesError {
        KubernetesError(
            response: KubernetesResponse(status: status, retryAfter: nil, body: Array(body.utf8)), isWrite: isWrite)
    }

    @Test(arguments: try Recorded.refusals())
    func readsEveryRecordedRefusal(_ exchange: Recorded.Exchange) throws {
        let error = error(exchange.status, exchange.body.text(), isWrite: exchange.method != "GET")
        guard exchange.body["kind"] == "Status" else {
            // What the server does not know at all it responses in plain text.
            #expect(error.isNotFound && error.status == nil)
            return
        }
        let status = try #require(error.status)
        #expect(status.status == "Failure")
        #expect(status.code == exchange.status)
        #expect(status.reason == exchange.body["reason"]?.stringValue)
        #expect(error.message == exchange.body["message"]?.stringValue)
        #expect(error.httpStatus == exchange.status)
        #expect(status.details?.causes.count ?? 0 == exchange.body["details"]?["causes"]?.arrayValue?.count ?? 0)
        #expect(!error.mayHaveBeenApplied)
        let expected: KubernetesError.Code =
            switch (exchange.status, status.reason) {
            case (400, _), (405, _), (406, _), (415, _): .badRequest
            case (401, _): .unauthorized
            case (403, _): .forbidden
            case (404, _): .notFound
            case (409, "AlreadyExists"): .alreadyExists
            case (409, _): .conflict
            case (410, _): .gone
            case (413, _): .tooLarge
            case (422, _): .invalid
            // The storage's "request is too large" is the only one that was recorded.
            case (500, nil): .tooLarge
            default: .invalidResponse
            }
        #expect(error.code == expected)
    }

    @Test func tellsTheRecordedRefusalsApartThatShareACode() throws {
        func error(_ file: String, _ name: String) throws -> KubernetesError {
            let exchange = try #require(try Recorded.file(file).first { $0.name == name })
            return self.error(exchange.status, exchange.body.text())
        }
        #expect(try error("objects", "create in a namespace that is not there").isNamespaceMissing)
        #expect(try !error("objects", "get in a namespace that is not there").isNamespaceMissing)
        #expect(try error("refusals", "create in a namespace that is ending").isNamespaceTerminating)
        #expect(try error("refusals", "ResourceQuota of two: number 3").isQuotaExceeded)
        let forbidden = try error("refusals", "a token without rights: create")
        #expect(forbidden.isForbidden && !forbidden.isQuotaExceeded && !forbidden.isNamespaceTerminating)
        let invalid = try error("refusals", "the schema refuses: several causes")
        #expect(
            invalid.status?.details?.causes.map(\.field) == [
                "spec.components.a.build.repository", "spec.components.b.build",
            ])
    }

    @Test func believesTheReasonBeforeTheHTTPStatus() {
        let body = #"{"kind":"Status","apiVersion":"v1","reason":"AlreadyExists","message":"m","code":0}"#
        #expect(error(409, body).isAlreadyExists)
        #expect(error(409, body).status?.code == 0)
        #expect(error(409, "{}").isConflict)
        #expect(error(404, "404 page not found").isNotFound)
        #expect(error(404, "404 page not found").status == nil)
    }

    @Test(arguments: ["", "<html>", "{", "[]", "null", #"{"kind":"Status"}"#, #"{"kind":5,"apiVersion":[]}"#])
    func aResponseWithoutAnAccountIsJudgedByItsHTTPStatus(_ body: String) {
        #expect(error(502, body).code == .unavailable)
        #expect(error(504, body).code == .timeout)
        #expect(error(418, body).code == .badRequest)
        #expect(error(302, body).code == .invalidResponse)
    }

    @Test func membersOfAnotherTypeAreAsIfAbsent() throws {
        let body = """
            {"kind":"Status","apiVersion":"v1","status":1,"message":[],"reason":{},"code":"x",
             "details":{"causes":[5,{"field":1}],"retryAfterSeconds":"2","name":null}}
            """
        let status = try #require(error(500, body).status)
        #expect(status.status == nil && status.message == nil && status.reason == nil && status.code == 0)
        #expect(status.details?.causes.count == 2)
        #expect(error(500, body).retryAfter == nil)
    }

    @Test func aFailedServerLeavesAWritesOutcomeOpen() {
        for status in [500, 502, 503, 504] {
            #expect(error(status, "").mayHaveBeenApplied)
            #expect(!error(status, "", isWrite: false).mayHaveBeenApplied)
        }
        for status in [400, 401, 403, 404, 409, 410, 422, 429, 501] { #expect(!error(status, "").mayHaveBeenApplied) }
        let tooLarge = #"{"kind":"Status","apiVersion":"v1","message":"etcdserver: request is too large"}"#
        #expect(error(500, tooLarge).code == .tooLarge)
        #expect(!error(500, tooLarge).mayHaveBeenApplied)
    }

    @Test func aWebhookThatCannotBeAskedRefusesBeforeAnythingIsStored() {
        let body = """
            {"kind":"Status","apiVersion":"v1","reason":"InternalError","message":"Internal error occurred: failed \
            calling webhook \\"validation.webhook.pipeline.tekton.dev\\": context deadline exceeded"}
            """
        #expect(error(500, body).isRefusedBeforeExecution)
        #expect(!error(500, body).mayHaveBeenApplied)
        let denial = """
            {"kind":"Status","apiVersion":"v1","reason":"BadRequest","message":"admission webhook \\"x\\" denied the \
            request: validation failed: y"}
            """
        #expect(!error(400, denial).isRefusedBeforeExecution)
    }

    @Test func obeysTheWaitInTheDetails() {
        let body = #"{"kind":"Status","apiVersion":"v1","details":{"retryAfterSeconds":3}}"#
        #expect(error(503, body).retryAfter == .seconds(3))
    }
}
