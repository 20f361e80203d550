import JSON

import struct Foundation.Date

/// What a deployment that is asked for comes to: its config, and what each component is built from.
struct DeploymentDraft: Sendable, Equatable {
    /// The config as it is stored, or was.
    let document: JSONValue
    /// Every component, in the order of the names.
    let components: [Component]
    /// What is built, for each component that builds.
    private(set) var sources: [String: BuildSource] = [:]
    /// The commits that are known.
    private(set) var commits: [String: String] = [:]
    /// The components of which there is nothing to build.
    private(set) var failures: [String: BuildFailure] = [:]
    /// What the user should know: sentences.
    private(set) var warnings: [String] = []

    /// What an order makes of a config; no commit is looked up yet.
    ///
    /// - Parameter earlier: the deployment whose config and commits are taken, if that is what the order says.
    /// - Throws: `ComponentsError.storedConfigInvalid`, or `.optionsInvalid` for what does not fit the config.
    init(
        _ document: JSONValue, _ selection: DeploymentOptions.Selection, earlier: DeploymentRecord? = nil
    ) throws(ComponentsError) {
        let reader = ConfigReader(document)
        guard let config = reader.config else { throw .storedConfigInvalid(reader.problems, warnings: reader.warnings) }
        self.document = document
        components = config.components
        for component in components {
            guard case .repository(let repository, let ref) = component.source else { continue }
            sources[component.name] = BuildSource(repository: repository, ref: ref)
        }
        var problems: [String] = []
        switch selection {
        case .config: break
        case .ref(let ref): problems = take(ref)
        case .refs(let refs): problems = take(refs)
        case .deployment: take(earlier)
        }
        guard problems.isEmpty else { throw .optionsInvalid(problems) }
    }

    // MARK: - What is asked for

    private mutating func take(_ ref: String) -> [String] {
        if let problem = GitRef.problem(ref) { return ["ref \(problem)."] }
        let repositories = Set(sources.values.map(\.repository)).sorted()
        guard repositories.count == 1 else {
            return [
                "ref is for components of one repository, and the components of this config have \(repositories.count) "
                    + "(\(repositories.prefix(3).joined(separator: ", "))): name the ref of each component under refs."
            ]
        }
        for name in sources.keys { sources[name]?.ref = ref }
        return []
    }

    private mutating func take(_ refs: [String: String]) -> [String] {
        var problems: [String] = []
        for (name, ref) in refs.sorted(by: { $0.key < $1.key }) {
            let path = "refs.\(name.quotedForMessage)"
            if let problem = GitRef.problem(ref) {
                problems.append("\(path) \(problem).")
            } else if sources[name] != nil {
                sources[name]?.ref = ref
            } else if components.contains(where: { $0.name == name }) {
                problems.append(
                    "\(path) is not built: it reuses the build of another component. Name the ref of that one.")
            } else {
                let guess = name.nearest(of: components.map(\.name)).map { ": did you mean \($0)?" } ?? "."
                problems.append("\(path) is no component of the stored config\(guess)")
            }
        }
        return problems
    }

    private mutating func take(_ earlier: DeploymentRecord?) {
        guard let earlier else { return }
        for build in earlier.request.builds where sources[build.component] != nil {
            sources[build.component] = BuildSource(repository: build.repository, ref: build.ref)
            commits[build.component] = earlier.status[build].commit ?? build.commit
        }
        let unknown = components.map(\.name).filter { sources[$0] != nil && commits[$0] == nil }
        guard !unknown.isEmpty else { return }
        warnings.append(
            "Which commit the deployment \(earlier.request.identity.id) built of \(unknown.joined(separator: ", ")) is not "
                + "known: the ref is taken as it is now.")
    }

    // MARK: - Which commits that is

    /// What has to be looked up.
    var unresolved: Set<BuildSource> { Set(sources.filter { commits[$0.key] == nil }.values) }

    /// Takes what was looked up.
    mutating func resolve(_ resolutions: [BuildSource: CommitResolution]) {
        var named: Set<BuildSource> = []
        for component in components.map(\.name) {
            guard let source = sources[component], commits[component] == nil, let resolution = resolutions[source]
            else {
                continue
            }
            let isFirst = named.insert(source).inserted
            switch resolution {
            case .commit(let commit, let warnings):
                commits[component] = commit
                if isFirst { self.warnings += warnings.map { "\(names(of: source)): \($0)." } }
            case .missing(let failure):
                failures[component] = failure
            case .unknown(let why) where isFirst:
                warnings.append(
                    "Which commit of \(source.repository) is built is not known yet (\(why)): the build of "
                        + "\(names(of: source)) takes \(source.ref ?? "HEAD") as it is when it starts.")
            case .unknown:
                break
            }
        }
    }

    private func names(of source: BuildSource) -> String {
        components.map(\.name).filter { sources[$0] == source }.joined(separator: ", ")
    }

    // MARK: - The request

    /// The request for every build.
    func request(_ identity: DeploymentIdentity, at requestedAt: Date, nonce: String? = nil) -> DeploymentRequest {
        let builds = components.compactMap { component -> PlannedBuild? in
            guard let source = sources[component.name] else { return nil }
            return PlannedBuild(
                component: component.name,
                id: DeploymentNames.build(of: component.name, deployment: identity, nonce: nonce),
                repository: source.repository, ref: source.ref, commit: commits[component.name],
                options: BuildOptions(of: component.name, in: document), failure: failures[component.name])
        }
        return DeploymentRequest(
            identity: identity, requestedAt: requestedAt, config: document, builds: builds, nonce: nonce)
    }
}
