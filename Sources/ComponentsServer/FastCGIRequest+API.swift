import ComponentsHTTP
import FastCGI

extension APIRequest {
    /// The API's request of a FastCGI request.
    ///
    /// The client's identity comes from the gateway's own parameters alone.
    init(_ request: FastCGIRequest) {
        self.init(
            head: request.head,
            body: request.body.mapError(RequestBodyFault.init),
            gateway: GatewayParameters(
                clientVerify: request.parameters["SSL_CLIENT_VERIFY"],
                clientSubject: request.parameters["SSL_CLIENT_S_DN"],
                prefix: request.parameters["URL_PREFIX"], person: request.parameters["TOOLFORGE_USER"]),
            isOverloaded: request.isOverloaded, beginWait: request.beginWait)
    }
}

extension RequestBodyFault {
    fileprivate init(_ fault: BodyFault) {
        self =
            switch fault {
            case .tooLarge(let limit): .tooLarge(limit: limit)
            case .incomplete(let announced, let received): .incomplete(announced: announced, received: received)
            case .invalidLength(let text): .invalidLength(text)
            case .timedOut: .timedOut
            }
    }
}

extension FastCGIResponse {
    /// A response of the API as it is sent.
    init(_ response: APIResponse) {
        switch response.content {
        case .bytes(let bytes):
            self.init(head: response.head, body: bytes)
        case .stream(let stream):
            self.init(head: response.head) { writer in try await stream { try await writer.write($0) } }
        }
    }
}
