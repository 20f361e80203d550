import Components
import ComponentsKubernetes
import FastCGI
import Foundation
import Logging

/// All settings, read from the environment once, at the start.
///
/// The README lists them. `KUBECONFIG` is not here, because the Kubernetes client reads it by the rules of kubectl. Nor is
/// `LOG_FILE`, which is needed earlier, to report an error in these.
struct Settings {
    /// Where requests come from.
    var listener: FastCGIListener
    /// How many requests and connections are accepted, and how long a request may take to arrive.
    var limits: FastCGILimits
    /// How many requests may wait or be streamed at a time.
    var maximumWaiting: Int
    /// How long a stop waits for exchanges in flight.
    var shutdownGrace: Duration
    /// The least severe level that is logged.
    var logLevel: Logger.Level
    /// How many deployments of a tool are kept.
    var maximumRetained: Int
    /// The deadlines of deployments.
    var deploymentLimits: DeploymentLimits
    /// What happens to deployments that overlap, where the request does not say.
    var overlap: DeploymentOptions.Overlap
    /// The same, for the family of the field's clients.
    var fieldOverlap: DeploymentOptions.Overlap
    /// Whether a tool without a config is answered the one that it has in the Python implementation.
    var importsConfigs: Bool
    /// Whether the commits that refs name are looked up, and which hosts are called.
    var git: GitSettings
    /// Which image registry is asked, if one is.
    var harbor: HarborSettings?
    /// Whether builds of what has not changed are left out, where the request does not say.
    var skipsUnchanged: Bool
    /// Where builds run, and with what.
    var builds: BuildSettings
    /// Whether this process takes part in driving deployments by itself.
    var runsEngine: Bool
    /// The namespace of the lease of the process that drives; by default the one in which this process runs.
    var leaseNamespace: String?
    /// What the lease names this process.
    var candidate: String
    /// How many ended PipelineRuns of a tool are kept; 0 keeps each as long as its record.
    var runsRetained: Int
    /// Why no new deployment may start, if none may.
    var freeze: String?
    /// What deploy tokens are derived with; none if no file is named.
    var tokenKeys: TokenKeys
    /// How long a new deploy token is accepted.
    var tokenLifetime: Duration
    /// How long one call to the cluster may take, retries included.
    var clusterDeadline: Duration
    /// The most connections to the cluster.
    var clusterConnections: Int

    /// The most streams from the cluster: one for each request that waits, and a few for what the service itself follows.
    var clusterStreams: Int { maximumWaiting + 16 }
    /// The most connections of all kinds.
    var connections: Int { limits.maximumConnections + clusterConnections + clusterStreams }

    /// Reads all settings.
    ///
    /// - Throws: `SettingsError` for the first one whose value is not valid.
    init(environment: [String: String]) throws(SettingsError) {
        let values = EnvironmentValues(environment)
        listener = try values.value(
            "LISTEN", default: .inherited(), expected: "unix:PATH[?mode=0660] or tcp:HOST:PORT"
        ) { try? FastCGIListener(parsing: $0) }
        listener.allowedUserIDs = try values.value(
            "FASTCGI_ALLOWED_UIDS", default: listener.allowedUserIDs, expected: "a list of user ids, as 0,33"
        ) { text in
            let ids = text.split(separator: ",", omittingEmptySubsequences: false).map {
                UInt32($0.trimmingPrefix { $0 == " " })
            }
            return ids.contains(nil) ? nil : Set(ids.compactMap(\.self))
        }
        limits = FastCGILimits()
        limits.maximumInFlight = try values.number("MAX_CONCURRENT_REQUESTS", default: 1_024, in: 1...100_000)
        limits.readTimeout = .seconds(try values.number("REQUEST_TIMEOUT_SECONDS", default: 10, in: 1...600))
        // Longer than the 15 s between two signs of life, and than nginx waits for a client that takes nothing.
        limits.streamIdleTimeout = .seconds(try values.number("STREAM_IDLE_SECONDS", default: 75, in: 30...86_400))
        maximumWaiting = try values.number("MAX_WAITING_REQUESTS", default: 4_096, in: 1...100_000)
        limits.maximumConnections = limits.maximumInFlight * 4 + maximumWaiting
        shutdownGrace = .seconds(try values.number("SHUTDOWN_GRACE_SECONDS", default: 30, in: 0...3_600))
        logLevel = try values.value(
            "LOG_LEVEL", default: .info,
            expected: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { Logger.Level(rawValue: $0.lowercased()) }
        maximumRetained = try values.number("MAX_DEPLOYMENTS_RETAINED", default: 10, in: 1...1_000)
        deploymentLimits = DeploymentLimits(
            buildStart: .seconds(try values.number("BUILD_START_SECONDS", default: 600, in: 1...86_400)),
            build: .seconds(try values.number("BUILD_TIMEOUT_SECONDS", default: 1_800, in: 1...86_400)),
            deployment: .seconds(try values.number("DEPLOYMENT_TIMEOUT_SECONDS", default: 3_600, in: 1...604_800)))
        overlap = try values.value(
            "DEFAULT_OVERLAP", default: .allow,
            expected: "one of \(DeploymentOptions.Overlap.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { DeploymentOptions.Overlap(rawValue: $0) }
        runsEngine = try values.value("ENGINE", default: true, expected: "on or off") { text in
            ["on": true, "off": false][text]
        }
        let leaseNamespace = try values.value(
            "LEASE_NAMESPACE", default: "", expected: "the name of a Kubernetes namespace", Self.namespace)
        self.leaseNamespace = leaseNamespace.isEmpty ? nil : leaseNamespace
        candidate = environment["HOSTNAME"].flatMap { $0.isEmpty ? nil : $0 } ?? "components-api"
        runsRetained = try values.number("RUNS_RETAINED_PER_TOOL", default: 0, in: 0...10_000)
        freeze = values.text("FREEZE")
        fieldOverlap = try values.value(
            "DEFAULT_OVERLAP_V1", default: .reject,
            expected: "one of \(DeploymentOptions.Overlap.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { DeploymentOptions.Overlap(rawValue: $0) }
        importsConfigs = try values.value("IMPORT_CONFIGS", default: false, expected: "true or false") { text in
            ["true": true, "false": false][text]
        }
        tokenKeys = try Self.tokenKeys(of: values.text("TOKEN_KEYS_FILE"))
        tokenLifetime = .seconds(86_400 * (try values.number("TOKEN_LIFETIME_DAYS", default: 365, in: 1...3_650)))
        clusterDeadline = .seconds(try values.number("CLUSTER_DEADLINE_SECONDS", default: 10, in: 1...600))
        clusterConnections = try values.number("CLUSTER_CONNECTIONS", default: 128, in: 1...10_000)
        git = try GitSettings(values)
        harbor = try HarborSettings(values)
        skipsUnchanged = try values.value("SKIP_UNCHANGED", default: false, expected: "on or off") { text in
            ["on": true, "off": false][text]
        }
        builds = try Self.builds(values)
        builds.timeout = deploymentLimits.build
    }

    /// The keys in that file, read once: whoever adds a key starts the process again.
    private static func tokenKeys(of file: String?) throws(SettingsError) -> TokenKeys {
        guard let file else { return .none }
        var expected = "a file that can be read, with the keys of deploy tokens,"
        do {
            return try TokenKeys(parsing: try String(contentsOfFile: file, encoding: .utf8))
        } catch let error as TokenKeysError {
            expected += " but \(error)"
        } catch {}
        throw SettingsError(name: "TOKEN_KEYS_FILE", value: file, expected: expected)
    }

    private static func builds(_ values: EnvironmentValues) throws(SettingsError) -> BuildSettings {
        let defaults = BuildSettings()
        func name(_ variable: String, _ fallback: String) throws(SettingsError) -> String {
            try values.value(variable, default: fallback, expected: "the name of a Kubernetes object") { text in
                text.wholeMatch(of: /[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/) == nil ? nil : text
            }
        }
        func image(_ variable: String, _ fallback: String) throws(SettingsError) -> String {
            try values.value(variable, default: fallback, expected: "the name of an image or registry") { text in
                text.wholeMatch(of: /[A-Za-z0-9][-A-Za-z0-9._:\/@]*[A-Za-z0-9]/) == nil ? nil : text
            }
        }
        let namespace = try values.value(
            "BUILD_NAMESPACE", default: defaults.namespace, expected: "the name of a Kubernetes namespace",
            Self.namespace)
        return BuildSettings(
            namespace: namespace,
            pipeline: try name("BUILD_PIPELINE", defaults.pipeline),
            serviceAccount: try name("BUILD_SERVICE_ACCOUNT", defaults.serviceAccount),
            images: BuildSettings.Images(
                builder: try image("BUILDER_IMAGE", defaults.images.builder),
                run: try image("RUN_IMAGE", defaults.images.run)),
            latestImages: BuildSettings.Images(
                builder: try image("LATEST_BUILDER_IMAGE", defaults.latestImages.builder),
                run: try image("LATEST_RUN_IMAGE", defaults.latestImages.run)),
            deprecatedImages: BuildSettings.Images(
                builder: try image("DEPRECATED_BUILDER_IMAGE", defaults.deprecatedImages.builder),
                run: try image("DEPRECATED_RUN_IMAGE", defaults.deprecatedImages.run)),
            registry: try image("IMAGE_REGISTRY", defaults.registry))
    }

    /// A namespace is a label: shorter than other names, and without dots.
    private static func namespace(_ text: String) -> String? {
        text.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) == nil ? nil : text
    }
}
