import Components
import JSON

import struct Foundation.Date

/// A deployment in the words of `/v1/tool/{tool}/deployment`.
struct FieldDeploymentView {
    /// The deployment.
    let deployment: Deployment

    /// As the field's clients read it: no member is ever `null`, and every component stands in `builds` and in `runs`.
    var json: JSONValue {
        var json: JSONObject = [
            "deploy_id": .string(deployment.id),
            "creation_time": .string(Self.stamp(deployment.createdAt)),
            "description": .string(deployment.options.description ?? ""),
            "builds": .object(JSONObject(components.map { ($0, build(of: $0)) })),
            "runs": .object(
                JSONObject(
                    components.map { component in
                        (
                            component,
                            ["run_status": "skipped", "run_long_status": .string(FieldTexts.run(of: component))]
                        )
                    })),
            "tool_config": deployment.config,
            "status": .string(Self.word(for: deployment.phase)),
            "long_status": .string(longStatus),
            "force_build": .bool(deployment.options.forceBuild),
            "force_run": .bool(deployment.options.forceRun),
        ]
        json["config_source"] = deployment.configFetch.map(DeploymentView.json)
        return .object(json)
    }

    /// A deployment in a list.
    ///
    /// One that cannot be read has no status, which the client shows as unknown.
    static func json(_ listed: ListedDeployment) -> JSONValue {
        switch listed {
        case .deployment(let deployment): FieldDeploymentView(deployment: deployment).json
        case .unreadable(let id): unreadable(id)
        }
    }

    /// A deployment of which only the id is known.
    static func unreadable(_ id: String) -> JSONValue {
        [
            "deploy_id": .string(id), "creation_time": "unknown", "builds": [:], "runs": [:],
            "long_status": "What is stored of this deployment cannot be read: it can only be deleted",
        ]
    }

    // MARK: Words

    /// Every status of a deployment.
    static let statuses = DeploymentPhase.allCases.map(word)
    /// Every status of a build.
    static let buildStatuses = ["pending", "running", "failed", "successful", "unknown", "skipped", "cancelled"]

    /// A deployment's status.
    static func word(for phase: DeploymentPhase) -> String {
        switch phase {
        case .pending: "pending"
        case .running: "running"
        case .succeeded: "successful"
        case .failed: "failed"
        case .cancelling: "cancelling"
        case .cancelled: "cancelled"
        case .timedOut: "timed_out"
        }
    }

    /// A build's status.
    static func word(for phase: BuildPhase) -> String {
        switch phase {
        case .pending: "pending"
        case .running: "running"
        case .succeeded: "successful"
        case .failed, .timedOut: "failed"
        case .cancelled: "cancelled"
        }
    }

    // MARK: Parts

    /// The components of the config that are built or run what is built, and what else is built.
    private var components: [String] {
        let declared = deployment.config["components"]?.objectValue?.members ?? []
        let built = deployment.builds.map(\.component)
        let names = declared.filter { name, component in
            built.contains(component["build"]?["reuse_from"]?.stringValue ?? name)
        }.map(\.key)
        return names + deployment.builds.map(\.component).filter { !names.contains($0) }
    }

    private func build(of component: String) -> JSONValue {
        guard let build = deployment.builds.first(where: { $0.component == component }) else {
            let source = deployment.config["components"]?[component]?["build"]?["reuse_from"]?.stringValue
            return [
                "build_id": "no-build-needed", "build_status": "skipped",
                "build_long_status": .string(
                    source.map { "Component re-uses build from \($0)" } ?? "No build is needed"),
            ]
        }
        if let taken = build.taken, build.phase == .succeeded {
            return [
                "build_id": .string(taken.build), "build_status": "skipped", "build_image": .string(taken.image),
                "build_long_status": "Reusing existing build",
            ]
        }
        var json: JSONObject = [
            "build_id": .string(build.id), "build_status": .string(Self.word(for: build.phase)),
        ]
        // Of a build that has ended, what is not known by now is left out.
        json["build_image"] = (build.image ?? (build.phase.isTerminal ? nil : "no-image-yet")).map(JSONValue.string)
        json["build_long_status"] = .string(longStatus(of: build))
        return .object(json)
    }

    /// A good build has nothing to say but where its log is; any other says what the cluster says of it.
    private func longStatus(of build: Build) -> String {
        switch build.phase {
        case .pending: build.message.isEmpty ? "Not started yet" : build.message
        case .succeeded: FieldTexts.logs(of: build.id)
        case .running, .failed, .timedOut, .cancelled:
            build.message.isEmpty ? FieldTexts.logs(of: build.id) : "\(build.message). \(FieldTexts.logs(of: build.id))"
        }
    }

    private var longStatus: String {
        switch deployment.phase {
        case .pending: "Not started yet"
        case .running: "Started at \(Self.time(deployment.createdAt))"
        case .cancelling: "Deployment is being cancelled"
        case .cancelled:
            deployment.stop?.reason == .superseded
                ? "Deployment was cancelled, because a newer one was started" : "Deployment was cancelled"
        case .timedOut: "Deployment took too long and was stopped"
        case .succeeded: finished
        case .failed:
            "\(finished). Failed: "
                + deployment.builds.filter { $0.phase != .succeeded }.map(\.component).joined(separator: ", ")
        }
    }

    /// When the last build ended, where that is known.
    private var finished: String {
        deployment.builds.compactMap(\.ended).max().map { "Finished at \(Self.time($0))" } ?? "Finished"
    }

    /// `yyyyMMdd-HHmmss` in UTC.
    static func stamp(_ date: Date) -> String {
        String(DeploymentView.time(date).filter { $0 != "-" && $0 != ":" }).replacing(" ", with: "-")
    }

    /// `yyyy-MM-dd HH:mm:ss+00:00`.
    static func time(_ date: Date) -> String { DeploymentView.time(date) + "+00:00" }
}
