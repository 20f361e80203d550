import Foundation
import HTTPTypes

/// The API server without its sockets: who asks, what goes wrong, what is answered, what is noted.
struct API: Sendable {
    /// What becomes of a request.
    enum Outcome: Sendable {
        /// - Parameters:
        ///   - drip: Milliseconds between the bytes of the body.
        ///   - killing: A process that is killed once the answer is sent.
        case answer(APIAnswer, drip: Int? = nil, killing: Int32? = nil)
        /// The connection is closed without an answer.
        case cut
        /// Nothing ever comes.
        case hang
    }

    let store: ClusterStore
    let authenticator: Authenticator
    let faults: FaultRules
    let readCost: ReadCost
    let journal: Journal
    let controls: ControlEndpoints
    /// The token that may do everything.
    let token: String

    func respond(to exchange: Exchange) async throws -> Outcome {
        let identity: Identity
        do throws(StatusError) {
            identity = try authenticator.identity(
                authorization: exchange.headers[.authorization], certificateUser: exchange.certificateUser)
        } catch {
            note(exchange, exchange.call(user: ""), user: "", status: error.code)
            return .answer(APIAnswer(error))
        }
        if exchange.path.hasPrefix("/_fake/") {
            guard identity.rules == nil else {
                return .answer(APIAnswer(nonResourceRefusal(exchange, identity)))
            }
            return .answer(controls.answer(exchange))
        }
        let call = exchange.call(user: identity.user)
        if let refusal = refusal(of: exchange, call, to: identity) {
            note(exchange, call, user: identity.user, status: refusal.code)
            return .answer(APIAnswer(refusal))
        }
        return try await perform(exchange, call, identity)
    }

    private func refusal(of exchange: Exchange, _ call: APICall?, to identity: Identity) -> StatusError? {
        guard let call else {
            return identity.mayRead(path: exchange.path) ? nil : nonResourceRefusal(exchange, identity)
        }
        let access = Access(call)
        // Everyone who is someone may ask what they may do.
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

    /// Lets the faults happen around what the request asks for.
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
        case .status(let code, let reason, let message, let headers, _):
            outcome = .answer(
                APIAnswer(StatusError(code: code, reason: reason, message: message, headers: headers)))
        case .garble(let garbling, _): outcome = .answer(garbling.garbled(answer))
        case .kill(let pid, .answered): outcome = answer.map { .answer($0, killing: pid) } ?? .cut
        case .drop, .kill: outcome = .cut
        case .hang: outcome = .hang
        case .drip(let milliseconds):
            outcome = answer.map { .answer($0, drip: milliseconds) } ?? .cut
        case .latency, nil: outcome = answer.map { .answer($0) } ?? .cut
        }
        var status: Int?
        if case .answer(let answer, _, _) = outcome { status = answer.status }
        note(exchange, call, user: identity.user, status: status, done: answer, fault: fault)
        if case .kill(let pid, let moment) = fault, moment != .answered { kill(pid, SIGKILL) }
        // What a read costs on a real server, if it is to cost that here.
        if let earliest { try await Task.sleep(until: earliest) }
        return outcome
    }

    private func answer(_ exchange: Exchange, _ call: APICall?, _ identity: Identity) -> APIAnswer {
        guard let call else { return discovery(exchange) }
        do throws(StatusError) {
            if call.resource.resource == "selfsubjectaccessreviews" {
                return try AccessReview.answer(call, identity: identity)
            }
            return try store.perform(call) ?? .pageNotFound
        } catch {
            return APIAnswer(error)
        }
    }

    private func note(
        _ exchange: Exchange, _ call: APICall?, user: String, status: Int?, done: APIAnswer? = nil,
        fault: FaultAction? = nil
    ) {
        journal.note(
            path: exchange.path, query: exchange.query, call: call, user: user, status: status, done: done,
            fault: fault?.label)
    }
}

extension APIAnswer {
    /// A path at which nothing is; the real server's router says so in plain text.
    static var pageNotFound: APIAnswer { text("404 page not found\n", status: 404) }

    static func text(_ text: String, status: Int = 200) -> APIAnswer {
        var answer = APIAnswer(status: status, body: Array(text.utf8))
        answer.contentType = "text/plain; charset=utf-8"
        return answer
    }
}
