import Components

/// What happens to a deployment, told to people line by line.
struct DeploymentNarration {
    /// The path of the deployment.
    let location: String
    private var told: Deployment?
    private var hasDots = false

    /// A narration that has not begun.
    init(location: String) { self.location = location }

    /// The text about how it stands at first.
    mutating func begin(with first: SeenDeployment) -> String {
        let deployment = first.deployment
        return "\(deployment.id) of \(DeploymentView.time(deployment.createdAt)): "
            + "\(DeploymentText.sentence(about: deployment))\n" + lines(about: first)
    }

    /// The text about something that happened.
    mutating func text(of event: FollowingEvent) -> String {
        switch event {
        case .changed(let seen):
            return line(lines(about: seen))
        case .removed:
            return line("The deployment was removed; builds that had not ended are cancelled.\n")
        case .interrupted:
            return line("The service is restarted: ask again to go on (GET \(location)/events).\n")
        case .quiet, .failed:
            // A sign of life; also for what is between here and there and waits only so long.
            hasDots = true
            return "."
        }
    }

    /// The text on a line of its own; nothing, if there is none.
    private mutating func line(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        defer { hasDots = false }
        return hasDots ? "\n" + text : text
    }

    /// A line for each build that stands otherwise than was told, and what to do at the end.
    private mutating func lines(about seen: SeenDeployment) -> String {
        let deployment = seen.deployment
        let width = deployment.builds.map(\.component.count).max() ?? 0
        let before = Dictionary((told?.builds ?? []).map { ($0.component, $0) }) { first, _ in first }
        var text = ""
        if deployment.phase == .cancelling, told?.phase != .cancelling {
            text += "\(DeploymentText.clock(seen.seenAt))  \(Self.cause(of: deployment)); its builds are told to end\n"
        }
        for build in deployment.builds {
            if let known = before[build.component], known.phase == build.phase, known.reason == build.reason {
                continue
            }
            let time = (build.phase.isTerminal ? build.ended : build.started) ?? seen.seenAt
            let reason = build.reason.map { " (\($0.rawValue): \($0.sentence))" } ?? ""
            text += "\(DeploymentText.clock(time))  \(build.component.padded(to: width))  "
            text += "\(DeploymentView.word(for: build.phase))\(reason), "
            text += "\(deployment.buildsDone)/\(deployment.builds.count) builds done\n"
        }
        told = deployment
        return deployment.phase.isTerminal ? text + end(of: deployment) : text
    }

    /// How it ended, and what to do next.
    private func end(of deployment: Deployment) -> String {
        if deployment.phase == .succeeded {
            return "finished: all builds succeeded. Restart what runs their images to use them.\n"
        }
        let failed = deployment.builds.filter { $0.phase != .succeeded }
        var text = "\(DeploymentText.sentence(about: deployment)); \(failed.count) did not succeed.\n"
        for (reason, builds) in Self.byReason(failed) {
            text += "  \(builds.joined(separator: ", ")): \(reason.sentence); \(reason.nextStep).\n"
        }
        return text + DeploymentText.logTails(of: failed) + "More: GET \(location)\n"
    }

    private static func cause(of deployment: Deployment) -> String {
        switch deployment.stop?.reason {
        case .superseded: "a newer deployment takes its place"
        case .deploymentTimedOut: "it takes longer than it may"
        default: "it is being cancelled"
        }
    }

    /// The components by the reasons of their builds, in the order of the components.
    private static func byReason(_ builds: [Build]) -> [(Reason, [String])] {
        var groups: [(Reason, [String])] = []
        for build in builds {
            guard let reason = build.reason else { continue }
            if let index = groups.firstIndex(where: { $0.0 == reason }) {
                groups[index].1.append(build.component)
            } else {
                groups.append((reason, [build.component]))
            }
        }
        return groups
    }
}
