import Components

import struct Foundation.Date

/// Deployments as text for people, in the words of `DeploymentView`.
enum DeploymentText {
    /// The type of such a text.
    static let mediaType = "text/plain"

    /// A list of deployments.
    static func table(of listed: [ListedDeployment]) -> String {
        guard !listed.isEmpty else { return "No deployments.\n" }
        return TextTable(
            header: ["CREATED", "STATUS", "BUILDS", "REASON", "DEPLOY-ID"],
            rows: listed.map { listed in
                switch listed {
                case .deployment(let deployment):
                    [
                        DeploymentView.time(deployment.createdAt), DeploymentView.word(for: deployment.phase),
                        "\(deployment.buildsDone)/\(deployment.builds.count)", deployment.reason?.rawValue ?? "-",
                        deployment.id,
                    ]
                case .unreadable(let id): ["-", DeploymentView.unreadable, "-", "-", id]
                }
            }
        ).text
    }

    /// One deployment and its builds.
    static func table(of deployment: Deployment) -> String {
        var text = TextTable.line(deployment.id)
        let person = deployment.requestedBy.map { " by \($0)" } ?? ""
        text += TextTable.line("created \(DeploymentView.time(deployment.createdAt))\(person)")
        if let description = deployment.options.description { text += TextTable.line(description) }
        text += TextTable.line(sentence(about: deployment))
        guard !deployment.builds.isEmpty else { return text }
        text += "\n"
        text +=
            TextTable(
                header: ["COMPONENT", "STATUS", "STARTED", "ENDED", "COMMIT", "REASON"],
                rows: deployment.builds.map { build in
                    [
                        build.component, DeploymentView.word(for: build.phase), clock(build.started),
                        clock(build.ended), build.commit.map { String($0.prefix(10)) } ?? "-",
                        build.reason?.rawValue ?? "-",
                    ]
                }
            ).text
        let unsuccessful = deployment.builds.filter { $0.reason != nil }
        if !unsuccessful.isEmpty { text += "\n" }
        for build in unsuccessful { text += TextTable.line("\(build.component): \(build.message)") }
        return text + logTails(of: deployment.builds)
    }

    /// How many lines of each log are shown: the end of what is kept.
    static let shownLogLines = 10

    /// The ends of the logs of builds that ended badly, as they were kept, each line behind a bar.
    static func logTails(of builds: [Build]) -> String {
        var text = ""
        for build in builds {
            guard let tail = build.logTail, !tail.lines.isEmpty else { continue }
            text += TextTable.line("The end of the log of \(build.component), step \(tail.step):")
            for line in tail.lines.suffix(shownLogLines) { text += TextTable.line("  | \(line)") }
        }
        return text
    }

    /// How a deployment stands: `error (BuildFailed), 2 of 2 builds done`.
    static func sentence(about deployment: Deployment) -> String {
        let reason = deployment.reason.map { " (\($0.rawValue))" } ?? ""
        return "\(DeploymentView.word(for: deployment.phase))\(reason), \(deployment.buildsDone) of "
            + "\(deployment.builds.count) \(deployment.builds.count == 1 ? "build" : "builds") done"
    }

    /// The time of day.
    static func clock(_ date: Date?) -> String { date.map { String(DeploymentView.time($0).suffix(8)) } ?? "-" }
}

extension Deployment {
    /// How many builds have ended.
    var buildsDone: Int { builds.count { $0.phase.isTerminal } }
}
