import Components

/// Where builds run, and with what.
public struct BuildSettings: Sendable, Equatable {
    /// The images of one version of the buildpacks.
    public struct Images: Sendable, Equatable {
        /// The buildpacks' builder.
        public var builder: String
        /// What built code runs on.
        public var run: String

        /// Images that belong together.
        public init(builder: String, run: String) {
            self.builder = builder
            self.run = run
        }
    }

    /// The namespace of the PipelineRuns.
    public var namespace: String
    /// The Tekton pipeline that builds.
    public var pipeline: String
    /// The service account of its task `build-from-git`.
    public var serviceAccount: String
    /// The images of builds that ask for no others.
    public var images: Images
    /// The images of builds that ask for the newest.
    public var latestImages: Images
    /// The images of builds that ask for those that are about to go.
    public var deprecatedImages: Images
    /// The registry that the images go to, without a trailing slash.
    public var registry: String
    /// How long a run may take, in whole seconds; Tekton ends it then.
    public var timeout: Duration

    /// Settings; the defaults are Toolforge's names.
    public init(
        namespace: String = "image-build", pipeline: String = "buildpacks",
        serviceAccount: String = "buildpacks-service-account", images: Images = .stack24,
        latestImages: Images = .stack24, deprecatedImages: Images = .stack22,
        registry: String = "tools-harbor.wmcloud.org", timeout: Duration = .seconds(1_800)
    ) {
        self.namespace = namespace
        self.pipeline = pipeline
        self.serviceAccount = serviceAccount
        self.images = images
        self.latestImages = latestImages
        self.deprecatedImages = deprecatedImages
        self.registry = registry
        self.timeout = timeout
    }

    /// The images that a build asks for.
    func images(for versions: BuildOptions.Versions) -> Images {
        switch versions {
        case .current: images
        case .latest: latestImages
        case .deprecated: deprecatedImages
        }
    }
}

extension BuildSettings.Images {
    /// Toolforge's images of Ubuntu 24.04.
    public static let stack24 = BuildSettings.Images(
        builder: "tools-harbor.wmcloud.org/toolforge/heroku-builder:24_0.21.8",
        run: "tools-harbor.wmcloud.org/toolforge/heroku-runner:24_0.21.8")

    /// Toolforge's images of Ubuntu 22.04, out of support since April 2026.
    public static let stack22 = BuildSettings.Images(
        builder: "tools-harbor.wmcloud.org/toolforge/heroku-builder:22",
        run: "tools-harbor.wmcloud.org/toolforge/heroku:22-cnb")
}
