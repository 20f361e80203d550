public import Logging

extension FakeCluster {
    /// How a fake cluster is set up.
    public struct Configuration: Sendable {
        /// The port on 127.0.0.1; 0: any that is free.
        public var port: Int
        /// A folder of YAML files with the CRDs to begin with; `nil`: none.
        public var customResources: String?
        /// Where the certificates lie, or will lie; `nil`: in a temporary folder, one for the whole process.
        public var tlsDirectory: String?
        /// Where to write the kubeconfig once connections are accepted; `nil`: nowhere.
        public var kubeconfigFile: String?
        /// A certificate authority that git trusts when it clones, beside the system's; `nil`: none.
        public var gitAuthorityFile: String?
        /// How long a build takes at least.
        public var buildDuration: Duration
        /// Whether PipelineRuns are played.
        public var runsBuilds: Bool
        /// The namespaces to begin with, beside `default`.
        public var namespaces: [String]
        /// How long a namespace is `Terminating` at least.
        public var namespaceTermination: Duration
        /// Where it logs; at `info`, only that it listens.
        public var logger: Logger

        /// A setup that a test needs to change little of.
        public init(
            port: Int = 0, customResources: String? = nil, tlsDirectory: String? = nil, kubeconfigFile: String? = nil,
            gitAuthorityFile: String? = nil, buildDuration: Duration = .milliseconds(300), runsBuilds: Bool = true,
            namespaces: [String] = ["tool-demo", "tool-other", "image-build"],
            namespaceTermination: Duration = .milliseconds(100),
            logger: Logger = Logger(label: "fake-kubernetes") { _ in SwiftLogNoOpLogHandler() }
        ) {
            self.port = port
            self.customResources = customResources
            self.tlsDirectory = tlsDirectory
            self.kubeconfigFile = kubeconfigFile
            self.gitAuthorityFile = gitAuthorityFile
            self.buildDuration = buildDuration
            self.runsBuilds = runsBuilds
            self.namespaces = namespaces
            self.namespaceTermination = namespaceTermination
            self.logger = logger
        }
    }
}
