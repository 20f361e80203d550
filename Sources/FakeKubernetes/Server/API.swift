import Foundation
import HTTPTypes

/// The API server without its sockets: authentication, authorization, faults, responses and the journal.
struct API: Sendable {
    /// How a request ends.
    enum Outcome: Sendable {
        case answer(APIResponse, Delivery = Delivery())
        /// The connection is closed without a response.
        case cut
        /// No response is ever sent.
        case hang
    }

    /// How a response is sent.
    struct Delivery: Sendable {
        /// Milliseconds between the bytes of the body.
        var drip: Int?
        /// A process that is killed once the response is sent.
        var killing: Int32?
        /// What goes wrong within a stream.
        var fault: StreamFault?
    }

    let store: ClusterStore
    let authenticator: Authenticator
    let faults: FaultRules
    let readCost: ReadCost
    let journal: Journal
    let controls: ControlEndpoints
    /// The token that has all rights.
    let token: String

    func respond(to exchange: Exchange) async throws -> Outcome {
        let identity: Identity
        do throws(StatusError) {
            identity = try authenticator.identity(
                authorization: exchange.headers[.authorization], certificateUser: exchange.certificateUser)
        } catch {
            note(exchange, exchange.call(user: ""), user: "", status: error.code)
            return .answer(APIResponse(error))
        }
        if exchange.path.hasPrefix("/_fake/") {
            guard identity.rules == nil else {
                return .answer(APIResponse(nonResourceRefusal(exchange, identity)))
            }
            return .answer(controls.answer(exchange))
        }
        let call = exchange.call(user: identity.user)
        if let refusal = refusal(of: exchange, call, to: identity) {
            note(exchange, call, user: identity.user, status: refusal.code)
            return .answer(APIResponse(refusal))
        }
        return try await perform(exchange, call, identity)
    }

    private func refusal(of exchange: Exchange, _ call: APICall?, to identity: Identity) -> StatusError? {
        guard let call else {
            return identity.mayRead(path: exchange.path) ? nil : nonResourceRefusal(exchange, identity)
        }
        let access = Access(call)
        // Every authenticated client may ask what it may do.
        if access.resource == "selfsubjectaccessreviews", identity != .anonymous { return nil }
        return identity.may(access) ? nil : access.refusal(to: identity.user)
    }

    private func nonResourceRefusal(_ exchange: Exchange, _ identity: Identity) -> StatusError {
        StatusError(
            code: 403, reason: "Forbidden",
            message:
                "forbidden: User \"\(identity.user)\" cannot \(exchange.method.lowercased()) path \"\(exchange.path)\"",
            details: [:])
    }

    /// Carries the request out, with the faults that apply to it.
    private func perform(_ exchange: Exchange, _ call: APICall?, _ identity: Identity) async throws -> Outcome {
        let earliest = readCost.answer(to: call)
        var fault: FaultAction?
        for action in faults.actions(for: call) {
            if case .latency(let milliseconds) = action {
                // The fault itself: a cluster that is slow.
                try await Task.sleep(for: .milliseconds(milliseconds))
            } else {
                fault = action
            }
        }
        let answer = fault?.performsRequest == false ? nil : self.answer(exchange, call, identity)
        let outcome: Outcome
        switch fault {
        case .status(let error, _, let text):
            var response = APIResponse(error)
            if let text {
                response = .text(text, status: error.code)
                response.headers = error.headers
            }
            outcome = .answer(response)
        case .garble(let garbling, _): outcome = .answer(garbling.garbled(answer))
        case .kill(let pid, .answered): outcome = answer.map { .answer($0, Delivery(killing: pid)) } ?? .cut
        case .drop, .kill: outcome = .cut
        case .hang: outcome = .hang
        case .drip(let milliseconds):
            outcome = answer.map { .answer($0, Delivery(drip: milliseconds)) } ?? .cut
        case .breakStream(let fault): outcome = answer.map { .answer($0, Delivery(fault: fault)) } ?? .cut
        case .latency, nil: outcome = answer.map { .answer($0) } ?? .cut
        }
        var status: Int?
        if case .answer(let answer, _) = outcome { status = answer.status }
        note(exchange, call, user: identity.user, status: status, done: answer, fault: fault)
        if case .kill(let pid, let moment) = fault, moment != .answered { kill(pid, SIGKILL) }
        // The time that a read takes on a real server, if a test asked for that.
        if let earliest { try await Task.sleep(until: earliest) }
        return outcome
    }

    private func answer(_ exchange: Exchange, _ call: APICall?, _ identity: Identity) -> APIResponse {
        guard let call else { return discovery(exchange) }
        do throws(StatusError) {
            if call.resource.resource == "selfsubjectaccessreviews" {
                return try AccessReview.answer(call, identity: identity)
            }
            return try store.perform(call) ?? .pageNotFound
        } catch {
            return APIResponse(error)
        }
    }

    private func note(
        _ exchange: Exchange, _ call: APICall?, user: String, status: Int?, done: APIResponse? = nil,
        fault: FaultAction? = nil
    ) {
        journal.note(
            path: exchange.path, query: exchange.query, call: call, user: user, status: status, done: done,
            fault: fault?.label)
    }
}

extension API {
    /// The responses at paths that name no objects.
    func discovery(_ exchange: Exchange) -> APIResponse {
        guard exchange.method == "GET" || exchange.method == "HEAD" else { return .pageNotFound }
        switch exchange.path {
        case "/healthz", "/readyz", "/livez": return .text("ok")
        default:
            let definitions = store.definitions
            let discovery = Discovery(definitions, serverAddress: exchange.authority)
            return discovery.answer(at: exchange.path, accept: exchange.headers[.accept] ?? "") ?? .pageNotFound
        }
    }
}

extension ClusterStore {
    /// The kinds that are served now.
    var definitions: [ResourceDefinition] {
        let found = try? read { state throws(StatusError) in Array(state.definitions.values) }
        return found ?? []
    }
}
