public import Logging

extension FakeCluster {
    /// How a fake cluster is set up.
    public struct Configuration: Sendable {
        /// The port on 127.0.0.1; 0: any that is free.
        public var port: Int
        /// A folder of YAML files with the CRDs to begin with; `nil`: none.
        public var customResources: String?
        /// The folder of the certificates, which are created if they are missing; `nil`: a temporary folder, one for the process.
        public var tlsDirectory: String?
        /// The file for the kubeconfig, written once connections are accepted; `nil`: none.
        public var kubeconfigFile: String?
        /// A certificate authority that git trusts in addition to the system's; `nil`: none.
        public var gitAuthorityFile: String?
        /// How long a build takes at least.
        public var buildDuration: Duration
        /// Whether PipelineRuns are played.
        public var runsBuilds: Bool
        /// The namespaces to begin with, beside `default`.
        public var namespaces: [String]
        /// How long a namespace is `Terminating` at least.
        public var namespaceTermination: Duration
        /// Its logger; at `info` it logs only that it listens.
        public var logger: Logger

        /// The defaults suit most tests.
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
