import JSON

import struct Foundation.Date

/// What a deployment that is asked for comes to: its config, and what each component is built from.
struct DeploymentDraft: Sendable, Equatable {
    /// The config as it is stored, was, or was fetched.
    let document: JSONValue
    /// The fetch, if it was fetched.
    let fetch: ConfigFetch?
    /// Every component that is deployed, in the order of the names.
    let components: [Component]
    /// Those that are not, though they stand in the config.
    private let others: [Component]
    /// What is built, for each component that builds.
    private(set) var sources: [String: BuildSource] = [:]
    /// The commits that are known.
    private(set) var commits: [String: String] = [:]
    /// The components of which there is nothing to build.
    private(set) var failures: [String: BuildFailure] = [:]
    /// The earlier builds that are taken.
    private(set) var taken: [String: TakenBuild] = [:]
    /// Why a component is built although what has not changed is to be left out: sentences without their full stop.
    private(set) var changes: [String: String] = [:]
    /// What the user should know: sentences.
    private(set) var warnings: [String] = []

    /// What an order makes of a config; no commit is looked up yet.
    ///
    /// - Parameters:
    ///   - effective: the config.
    ///   - earlier: the deployment whose config and commits are taken, if that is what the order says.
    /// - Throws: `ComponentsError.optionsInvalid` for what does not fit the config.
    init(
        _ effective: EffectiveConfig, _ options: DeploymentOptions, earlier: DeploymentRecord? = nil
    ) throws(ComponentsError) {
        document = effective.document
        fetch = effective.fetch
        warnings = effective.warnings
        let (part, problemsOfPart) = effective.config.part(options.components, of: earlier)
        components = part
        others = effective.config.components.filter { !part.contains($0) }
        for component in components {
            guard case .repository(let repository, let ref) = component.source else { continue }
            sources[component.name] = BuildSource(repository: repository, ref: ref)
        }
        var problems = problemsOfPart
        switch options.selection {
        case .config: break
        case .ref(let ref): problems += take(ref)
        case .refs(let refs): problems += take(refs)
        case .deployment: take(earlier)
        }
        guard problems.isEmpty else { throw .optionsInvalid(problems) }
    }

    // MARK: - What is asked for

    private mutating func take(_ ref: String) -> [OptionProblem] {
        if let problem = GitRef.problem(ref) { return [OptionProblem("ref \(problem).", at: ["ref"])] }
        let repositories = Set(sources.values.map(\.repository)).sorted()
        guard repositories.count == 1 else {
            return [
                OptionProblem(
                    "ref is for components of one repository, and the components that are deployed have \(repositories.count) "
                        + "(\(repositories.prefix(3).joined(separator: ", "))): name the ref of each component under refs.",
                    at: ["ref"])
            ]
        }
        for name in sources.keys { sources[name]?.ref = ref }
        return []
    }

    private mutating func take(_ refs: [String: String]) -> [OptionProblem] {
        var problems: [OptionProblem] = []
        for (name, ref) in refs.sorted(by: { $0.key < $1.key }) {
            let path = "refs.\(name.quotedForMessage)"
            func report(_ message: String) {
                problems.append(OptionProblem("\(path) \(message)", at: ["refs", name]))
            }
            if let problem = GitRef.problem(ref) {
                report("\(problem).")
            } else if sources[name] != nil {
                sources[name]?.ref = ref
            } else if components.contains(where: { $0.name == name }) {
                report("is not built: it reuses the build of another component. Name the ref of that one.")
            } else if others.contains(where: { $0.name == name }) {
                report("is not deployed: name it under components too, or leave its ref out.")
            } else {
                let guess = name.nearest(of: (components + others).map(\.name)).map { ": did you mean \($0)?" } ?? "."
                report("is no component of the stored config\(guess)")
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

    // MARK: - What needs no build

    /// The components of which there is something to build.
    var building: [String] {
        components.map(\.name).filter { sources[$0] != nil && failures[$0] == nil && taken[$0] == nil }
    }

    /// Leaves a component out: an earlier build is taken.
    mutating func take(_ good: GoodBuild, for component: String) {
        guard let image = good.image else { return }
        taken[component] = TakenBuild(
            build: good.build, deployment: good.deployment, image: image, builder: good.builder)
    }

    /// Notes why a component is built although what has not changed is to be left out.
    mutating func build(_ component: String, because why: String) { changes[component] = why }

    /// Notes what the user should know: a sentence.
    mutating func warn(_ warning: String) { warnings.append(warning) }

    // MARK: - The request

    /// The request for every build.
    func request(_ identity: DeploymentIdentity, at requestedAt: Date, nonce: String? = nil) -> DeploymentRequest {
        let builds = components.compactMap { component -> PlannedBuild? in
            guard let source = sources[component.name] else { return nil }
            return PlannedBuild(
                component: component.name,
                id: DeploymentNames.build(of: component.name, deployment: identity, nonce: nonce),
                repository: source.repository, ref: source.ref, commit: commits[component.name],
                options: BuildOptions(of: component.name, in: document), failure: failures[component.name],
                taken: taken[component.name])
        }
        return DeploymentRequest(
            identity: identity, requestedAt: requestedAt, config: document, configFetch: fetch, builds: builds,
            nonce: nonce)
    }
}

extension ToolConfig {
    /// The components that a deployment has, in the order of the names, and what is wrong with the names that are asked for.
    ///
    /// A component whose build is reused is deployed with those that reuse it. An earlier deployment is taken as it was, or a part
    /// of it: what it did not deploy is not deployed with it.
    ///
    /// - Parameters:
    ///   - names: those that are asked for; `nil` for all.
    ///   - earlier: the deployment whose config this is, if it is not the stored one.
    fileprivate func part(
        _ names: [String]?, of earlier: DeploymentRecord?
    ) -> (components: [Component], problems: [OptionProblem]) {
        let deployed = earlier?.request.deployed(of: components) ?? components
        guard let names else { return (deployed, []) }
        var taken: Set<String> = []
        var problems: [OptionProblem] = []
        for name in names {
            if let component = deployed.first(where: { $0.name == name }) {
                taken.formUnion([name, component.builder])
                continue
            }
            let words =
                if let earlier, components.contains(where: { $0.name == name }) {
                    "was not deployed by \(earlier.request.identity.id), which is deployed again: leave it out."
                } else {
                    "is no component of the \(earlier == nil ? "stored config" : "config of that deployment")"
                        + (name.nearest(of: deployed.map(\.name)).map { ": did you mean \($0)?" } ?? ".")
                }
            problems.append(OptionProblem("components: \(name.quotedForMessage) \(words)", at: ["components"]))
        }
        // Of what is wrong anyway, no part is missed.
        return (problems.isEmpty ? deployed.filter { taken.contains($0.name) } : deployed, problems)
    }
}

extension DeploymentRequest {
    /// Those of its config's components that it deploys: it builds them, or what they run.
    func deployed(of components: [Component]) -> [Component] {
        let built = Set(builds.map(\.component))
        return components.filter { built.contains($0.builder) }
    }
}
