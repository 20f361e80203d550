/// How the builder builds.
struct BuilderSettings: Sendable {
    /// The namespace whose PipelineRuns are taken.
    var namespace = "image-build"
    /// How many builds run at once.
    var parallelism = 8
    /// How long a build takes after its clone.
    var duration: Duration = .milliseconds(300)
    var git = GitSettings()
}
