import Foundation

extension ClusterStore {
    /// Answers a request for the log of a pod's container.
    func log(_ operation: Operation) throws(StatusError) -> APIResponse {
        guard operation.call.verb == .get, !operation.call.isHead else {
            var error = StatusError.methodNotAllowed(operation.resource)
            error.details = [:]
            throw error
        }
        let options = try PodLogOptions(operation.call.query, pod: operation.name, now: operation.now)
        let found = try read { state throws(StatusError) in
            state.object(operation.resource, namespace: operation.namespace, name: operation.name)?.value
        }
        guard let pod = found else { throw .notFound(operation.resource, operation.name) }
        let name = try pod.container(options.container)
        guard pod.at("spec", "nodeName")?.string?.isEmpty == false else {
            return APIResponse(status: 204, body: [])
        }
        try pod.checkLog(of: name, isPrevious: options.isPrevious)
        let container = PodLogs.Container(podUID: pod.uid, name: name)
        var response = APIResponse(status: 200, body: [])
        response.contentType = "text/plain"
        if options.follows {
            let (past, next) = logs.follow(container)
            response.stream = .log(FollowedLog(past: options.selected(past), next: next, options: options))
        } else {
            var left = options.limitBytes ?? .max
            for line in options.selected(logs.lines(of: container)) where left > 0 {
                response.body += line.prefix(left)
                left -= line.count
            }
        }
        return response
    }
}

extension Value {
    /// The name of the container whose log is meant.
    fileprivate func container(_ wanted: String?) throws(StatusError) -> String {
        func names(_ list: String) -> [String] { (at("spec", list)?.array ?? []).compactMap { $0["name"]?.string } }
        let all = names("initContainers") + names("containers")
        if let wanted {
            guard all.contains(wanted) else {
                throw .badRequest("container \(wanted) is not valid for pod \(name)")
            }
            return wanted
        }
        let containers = names("containers")
        guard containers.count == 1, let only = containers.first else {
            throw .badRequest(
                "a container name must be specified for pod \(name), choose one of: [\(all.joined(separator: " "))]")
        }
        return only
    }

    /// Whether a container's log can be read; the messages are the kubelet's.
    fileprivate func checkLog(of container: String, isPrevious: Bool) throws(StatusError) {
        let statuses = ["initContainerStatuses", "containerStatuses"].flatMap { at("status", $0)?.array ?? [] }
        let status = statuses.first { $0["name"]?.string == container }
        if isPrevious {
            throw .badRequest("previous terminated container \(container.goQuoted) in pod \(name.goQuoted) not found")
        }
        let state = status?["state"] ?? [:]
        guard state["running"] == nil, state["terminated"] == nil else { return }
        let reason =
            switch state.at("waiting", "reason")?.string {
            case "ImagePullBackOff": "trying and failing to pull image"
            case "ErrImagePull": "image can't be pulled"
            case let reason?: reason
            case nil: "PodInitializing"
            }
        throw .badRequest("container \(container.goQuoted) in pod \(name.goQuoted) is waiting to start: \(reason)")
    }
}
