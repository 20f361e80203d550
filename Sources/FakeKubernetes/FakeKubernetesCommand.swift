public import ArgumentParser
import Foundation
import Logging

/// The process `fake-kubernetes`.
public struct FakeKubernetesCommand: AsyncParsableCommand {
    /// The name and the purpose of the command.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "fake-kubernetes",
            abstract: "A small, strict Kubernetes API server for laptops and tests.")
    }

    @Option(help: "The port on 127.0.0.1; 0: any that is free.")
    var port = 0

    @Option(help: "A folder of YAML files with custom resource definitions.")
    var crds: String?

    @Option(help: "Where the certificates lie, or will be made.")
    var tlsDirectory: String

    @Option(help: "Where to write a kubeconfig, once connections are accepted.")
    var kubeconfig: String?

    @Option(help: "A certificate authority that git trusts when it clones.")
    var gitCa: String?

    @Option(help: "How long a build takes at least.")
    var buildDurationMilliseconds = 300

    @Flag(help: "PipelineRuns stay as they are.")
    var noBuilder = false

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    /// The values come from the command line.
    public init() {}

    /// Serves until SIGTERM or SIGINT.
    public func run() async throws {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError(
                "--log-level: \(logLevel) is not a level; use trace, debug, info, notice, warning, error or critical")
        }
        var logger = Logger(label: "fake-kubernetes", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = level
        let configuration = FakeCluster.Configuration(
            port: port, customResources: crds, tlsDirectory: tlsDirectory, kubeconfigFile: kubeconfig,
            gitAuthorityFile: gitCa, buildDuration: .milliseconds(buildDurationMilliseconds), runsBuilds: !noBuilder,
            logger: logger)
        let stop = StopSignals()
        let signals = stop.signals
        try await withFakeCluster(configuration) { cluster in
            print("listening on \(cluster.baseURL)")
            fflush(nil)
            for await _ in signals { return }
        }
        stop.cancel()
    }
}

/// The signals that ask a process to stop.
private final class StopSignals {
    let signals: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
        self.signals = signals
        sources = [SIGTERM, SIGINT].map { signal in
            // The default action would end the process before the source gets the signal.
            Foundation.signal(signal, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    func cancel() { for source in sources { source.cancel() } }
}
