/// The endpoints under `/_fake/`, by which tests control the cluster; no Kubernetes has them.
struct ControlEndpoints: Sendable {
    let authenticator: Authenticator
    let faults: FaultRules
    let readCost: ReadCost
    let journal: Journal
    let builder: Tekton
    let openLogs = OpenLogs()

    func answer(_ exchange: Exchange) -> APIResponse {
        do throws(StatusError) {
            return APIResponse(status: 200, value: try value(exchange))
        } catch {
            return APIResponse(error)
        }
    }

    private func value(_ exchange: Exchange) throws(StatusError) -> Value {
        switch (exchange.method, exchange.path) {
        case ("GET", "/_fake/faults"): break
        case ("PUT", "/_fake/faults"): try faults.replace(with: try body(exchange))
        case ("POST", "/_fake/faults"): try faults.add(try body(exchange))
        case ("DELETE", "/_fake/faults"):
            if exchange.body.isEmpty { faults.clear() } else { faults.remove(try body(exchange)["id"] ?? .null) }
        case ("GET", "/_fake/read-cost"): return readCost.report
        case ("PUT", "/_fake/read-cost"):
            try readCost.replace(with: try body(exchange))
            return readCost.report
        case ("DELETE", "/_fake/read-cost"):
            readCost.clear()
            return readCost.report
        case ("GET", "/_fake/journal"):
            guard let index = QueryItems(exchange.query)["from"].map(Int.init) ?? 0, index >= 0 else {
                throw .badRequest("from must be the index of an entry")
            }
            return ["entries": .array(journal.page(from: index))]
        case ("DELETE", "/_fake/journal"):
            journal.clear()
            return ["entries": []]
        case ("GET", "/_fake/builder"): return builderReport
        case ("PUT", "/_fake/builder"):
            let body = try body(exchange)
            guard body["paused"]?.bool != nil || body["plans"]?.array != nil else {
                throw .badRequest("paused must be a boolean, or plans a list")
            }
            if let plans = body["plans"]?.array { try builder.plans.replace(with: plans) }
            if let isPaused = body["paused"]?.bool { builder.setPaused(isPaused) }
            return builderReport
        case ("GET", "/_fake/logs"): return ["open": .int(Int64(openLogs.count))]
        case ("POST", "/_fake/logs"): return try appendLog(try body(exchange))
        case ("DELETE", "/_fake/tokens"):
            guard let token = try body(exchange)["token"]?.string else { throw .badRequest("token must be a string") }
            authenticator.revoke(token: token)
            return [:]
        case ("PUT", "/_fake/tokens"): return try registerToken(try body(exchange))
        default:
            throw StatusError(code: 404, reason: "NotFound", message: "no such endpoint of the fake: \(exchange.path)")
        }
        return faults.report
    }

    private var builderReport: Value { ["paused": .bool(builder.isPaused), "plans": .array(builder.plans.all)] }

    /// Writes lines into the log of a pod's container, as if a step did.
    private func appendLog(_ value: Value) throws(StatusError) -> Value {
        guard let pod = value["podUID"]?.string, let container = value["container"]?.string,
            let lines = value["lines"]?.array
        else { throw .badRequest("podUID and container must be strings, and lines a list") }
        for line in lines.compactMap(\.string) {
            builder.cluster.logs.append(line, to: PodLogs.Container(podUID: pod, name: container))
        }
        return [:]
    }

    private func registerToken(_ value: Value) throws(StatusError) -> Value {
        guard let token = value["token"]?.string, let user = value["user"]?.string else {
            throw .badRequest("token and user must be strings")
        }
        authenticator.register(token: token, user: user, rules: value["allowed"]?.array.map { $0.map(AccessRule.init) })
        return ["user": .string(user)]
    }

    private func body(_ exchange: Exchange) throws(StatusError) -> Value {
        do throws(ValueSyntaxError) {
            return try Value(parsing: exchange.body)
        } catch {
            throw .badRequest("the body is not JSON: \(error.message)")
        }
    }
}
