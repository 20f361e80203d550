/// Where builds run, and with what.
public struct BuildSettings: Sendable, Equatable {
    /// The namespace of the PipelineRuns.
    public var namespace: String
    /// The Tekton pipeline that builds.
    public var pipeline: String
    /// The service account of its task `build-from-git`.
    public var serviceAccount: String
    /// The image of the buildpacks' builder.
    public var builderImage: String
    /// The image that built code runs on.
    public var runImage: String
    /// The registry that the images go to, without a trailing slash.
    public var registry: String
    /// How long a run may take, in whole seconds; Tekton ends it then.
    public var timeout: Duration

    /// Settings; the defaults are Toolforge's names.
    public init(
        namespace: String = "image-build", pipeline: String = "buildpacks",
        serviceAccount: String = "buildpacks-service-account",
        builderImage: String = "tools-harbor.wmcloud.org/toolforge/heroku-builder:22",
        runImage: String = "tools-harbor.wmcloud.org/toolforge/heroku:22-cnb",
        registry: String = "tools-harbor.wmcloud.org", timeout: Duration = .seconds(1_800)
    ) {
        self.namespace = namespace
        self.pipeline = pipeline
        self.serviceAccount = serviceAccount
        self.builderImage = builderImage
        self.runImage = runImage
        self.registry = registry
        self.timeout = timeout
    }
}
