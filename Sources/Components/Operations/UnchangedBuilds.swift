/// Which components of a draft need no build: a pure function of the draft, the newest good builds, the deployments that go on,
/// and what the registry says of the images.
///
/// A component is left out if its repository, commit, variables and builder are those of its newest good build, and if its tag
/// in the registry still names the image of that build. While another deployment builds it, that image is about to be replaced.
struct UnchangedBuilds: Sendable {
    /// What is known of a component.
    enum Verdict: Sendable, Equatable {
        /// It may be left out, if its tag names that image.
        case candidate(GoodBuild, digest: String)
        /// It is built, for that reason: a sentence without its full stop.
        case changed(String)
    }

    /// The newest good builds.
    var goodBuilds: ToolBuilds
    /// The tool's deployments that are recorded.
    var records: [DeploymentRecord]
    /// The image of the buildpacks for these options.
    var builder: @Sendable (BuildOptions) -> String

    /// What is known of a component before the registry is asked.
    func verdict(on component: String, of draft: DeploymentDraft) -> Verdict {
        guard let source = draft.sources[component] else { return .changed("it has no build of its own") }
        guard let good = goodBuilds.components[component] else {
            return .changed("no good build of it is recorded")
        }
        let ref = source.ref ?? "HEAD"
        let options = BuildOptions(of: component, in: draft.document)
        guard source.repository == good.source.repository else {
            return .changed("its repository is another than that of its newest good build")
        }
        guard let commit = draft.commits[component] else {
            return .changed("which commit \(ref) names is seen when the build starts")
        }
        guard commit == good.commit else {
            return .changed("\(ref) is another commit than that of its newest good build")
        }
        guard options.fingerprint == good.environment else {
            return .changed("its envvars are not those of its newest good build")
        }
        guard builder(options) == good.builder else {
            return .changed("its newest good build was made with another builder")
        }
        guard let digest = good.digest else {
            return .changed("which image its newest good build made is not known")
        }
        if let other = deploymentAtWork(on: component) {
            return .changed("the deployment \(other), which has not ended, builds it")
        }
        return .candidate(good, digest: digest)
    }

    /// The id of a deployment that has not ended, and builds the component.
    private func deploymentAtWork(on component: String) -> String? {
        records.first { record in
            record.request.builds.contains {
                $0.component == component && !$0.isNeverCreated && !record.status[$0].phase.isTerminal
            }
        }?.request.identity.id
    }

    /// Why a candidate is built all the same, for what the registry says; `nil` if it is not.
    static func objection(_ found: ImageDigest, to digest: String) -> String? {
        switch found {
        case .digest(digest): nil
        case .digest: "its tag in the image registry is another image than that of its newest good build"
        case .missing: "the image registry does not have its image any more"
        case .unknown(let why): "whether its image is still there is not known (\(why))"
        }
    }
}
