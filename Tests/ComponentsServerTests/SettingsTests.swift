import Components
import ComponentsKubernetes
import FastCGI
import Git
import Logging
import Testing

@testable import ComponentsServer

struct SettingsTests {
    @Test func whatIsNotSetIsTheDefault() throws {
        // An empty value is none: `FOO=` in a unit file or a chart.
        let unset = [
            "LISTEN", "FASTCGI_ALLOWED_UIDS", "LOG_LEVEL", "SHUTDOWN_GRACE_SECONDS", "MAX_CONCURRENT_REQUESTS",
            "REQUEST_TIMEOUT_SECONDS", "MAX_DEPLOYMENTS_RETAINED", "BUILD_START_SECONDS",
            "BUILD_TIMEOUT_SECONDS", "DEPLOYMENT_TIMEOUT_SECONDS", "DEFAULT_OVERLAP", "CLUSTER_DEADLINE_SECONDS",
            "CLUSTER_CONNECTIONS", "MAX_WAITING_REQUESTS", "STREAM_IDLE_SECONDS", "ENGINE", "LEASE_NAMESPACE",
            "RUNS_RETAINED_PER_TOOL", "FREEZE",
            "BUILD_NAMESPACE", "BUILD_PIPELINE", "BUILD_SERVICE_ACCOUNT", "BUILDER_IMAGE", "RUN_IMAGE",
            "LATEST_BUILDER_IMAGE",
            "LATEST_RUN_IMAGE", "DEPRECATED_BUILDER_IMAGE", "DEPRECATED_RUN_IMAGE",
            "IMAGE_REGISTRY", "RESOLVE_COMMITS", "IMPORT_CONFIGS", "GIT_ALLOWED_NETWORKS", "GIT_CA_FILE",
        ]
        for environment in [[:], Dictionary(uniqueKeysWithValues: unset.map { ($0, "") })] {
            let settings = try Settings(environment: environment)
            #expect(settings.listener == .inherited())
            #expect(settings.logLevel == .info)
            #expect(settings.shutdownGrace == .seconds(30))
            #expect(settings.limits.maximumInFlight == 1_024)
            #expect(settings.maximumWaiting == 4_096)
            #expect(settings.limits.readTimeout == .seconds(10))
            #expect(settings.limits.streamIdleTimeout == .seconds(75))
            #expect(settings.maximumRetained == 10)
            #expect(settings.deploymentLimits == DeploymentLimits())
            #expect(settings.overlap == .allow)
            #expect(settings.clusterDeadline == .seconds(10))
            #expect(settings.clusterConnections == 128)
            #expect(settings.runsEngine)
            #expect(settings.leaseNamespace == nil)
            #expect(settings.runsRetained == 0)
            #expect(settings.freeze == nil)
            #expect(!settings.importsConfigs)
            #expect(settings.git.allowedNetworks == [])
            #expect(settings.git.authorities == nil)
            #expect(settings.git.resolvesCommits)
            #expect(settings.builds == BuildSettings())
        }
        let builds = BuildSettings()
        #expect(builds.namespace == "image-build")
        #expect(builds.pipeline == "buildpacks")
        #expect(builds.serviceAccount == "buildpacks-service-account")
    }

    @Test func everyVariableIsRead() throws {
        let settings = try Settings(environment: [
            "LISTEN": "tcp:127.0.0.1:9000", "FASTCGI_ALLOWED_UIDS": "0, 33", "LOG_LEVEL": "DEBUG",
            "SHUTDOWN_GRACE_SECONDS": "5", "MAX_CONCURRENT_REQUESTS": "5000", "REQUEST_TIMEOUT_SECONDS": "3",
            "MAX_DEPLOYMENTS_RETAINED": "2", "BUILD_START_SECONDS": "60", "CLUSTER_DEADLINE_SECONDS": "7",
            "BUILD_TIMEOUT_SECONDS": "120", "DEPLOYMENT_TIMEOUT_SECONDS": "300", "DEFAULT_OVERLAP": "reject",
            "CLUSTER_CONNECTIONS": "9", "MAX_WAITING_REQUESTS": "300", "STREAM_IDLE_SECONDS": "90",
            "ENGINE": "off", "LEASE_NAMESPACE": "deploy", "RUNS_RETAINED_PER_TOOL": "3",
            "FREEZE": "Harbor is down until noon.",
            "BUILD_NAMESPACE": "builds", "BUILD_PIPELINE": "p.1", "BUILD_SERVICE_ACCOUNT": "sa",
            "BUILDER_IMAGE": "r.example/builder:1", "RUN_IMAGE": "r.example/run@sha256:aa",
            "LATEST_BUILDER_IMAGE": "r.example/builder:2", "LATEST_RUN_IMAGE": "r.example/run:2",
            "DEPRECATED_BUILDER_IMAGE": "r.example/builder:0", "DEPRECATED_RUN_IMAGE": "r.example/run:0",
            "IMAGE_REGISTRY": "r.example:5000", "GIT_ALLOWED_NETWORKS": "10.0.0.0/8, fd00::/8,192.0.2.1",
            "GIT_CA_FILE": "/proc/self/status", "IMPORT_CONFIGS": "true",
        ])
        var listener = try FastCGIListener.tcp(host: "127.0.0.1", port: 9_000)
        listener.allowedUserIDs = [0, 33]
        #expect(settings.listener == listener)
        #expect(settings.logLevel == .debug)
        #expect(settings.shutdownGrace == .seconds(5))
        #expect(settings.limits.maximumInFlight == 5_000)
        #expect(settings.limits.maximumConnections >= 5_300)
        #expect(settings.maximumWaiting == 300)
        #expect(settings.clusterStreams > 300)
        #expect(settings.limits.readTimeout == .seconds(3))
        #expect(settings.limits.streamIdleTimeout == .seconds(90))
        #expect(settings.maximumRetained == 2)
        #expect(settings.deploymentLimits.buildStart == .seconds(60))
        #expect(settings.clusterDeadline == .seconds(7))
        #expect(settings.clusterConnections == 9)
        #expect(!settings.runsEngine)
        #expect(settings.importsConfigs)
        #expect(settings.leaseNamespace == "deploy")
        #expect(settings.runsRetained == 3)
        #expect(settings.freeze == "Harbor is down until noon.")
        #expect(
            settings.git.allowedNetworks
                == ["10.0.0.0/8", "fd00::/8", "192.0.2.1"].compactMap { AddressRange($0) })
        #expect(settings.git.authorities == "/proc/self/status")
        #expect(try !Settings(environment: ["RESOLVE_COMMITS": "off"]).git.resolvesCommits)
        #expect(
            settings.builds
                == BuildSettings(
                    namespace: "builds", pipeline: "p.1", serviceAccount: "sa",
                    images: .init(builder: "r.example/builder:1", run: "r.example/run@sha256:aa"),
                    latestImages: .init(builder: "r.example/builder:2", run: "r.example/run:2"),
                    deprecatedImages: .init(builder: "r.example/builder:0", run: "r.example/run:0"),
                    registry: "r.example:5000", timeout: .seconds(120)))
    }

    @Test(arguments: [
        ("LISTEN", "/run/socket"), ("LISTEN", "tcp:9000"), ("FASTCGI_ALLOWED_UIDS", "root"),
        ("FASTCGI_ALLOWED_UIDS", "0,,33"), ("FASTCGI_ALLOWED_UIDS", "-1"), ("LOG_LEVEL", "loud"),
        ("SHUTDOWN_GRACE_SECONDS", "-1"), ("SHUTDOWN_GRACE_SECONDS", "30s"), ("MAX_CONCURRENT_REQUESTS", "0"),
        ("MAX_CONCURRENT_REQUESTS", "many"), ("REQUEST_TIMEOUT_SECONDS", "0"), ("MAX_DEPLOYMENTS_RETAINED", "0"),
        ("MAX_DEPLOYMENTS_RETAINED", "1.5"), ("BUILD_START_SECONDS", "0"), ("CLUSTER_DEADLINE_SECONDS", "0"),
        ("CLUSTER_DEADLINE_SECONDS", "99999999999999999999"), ("CLUSTER_CONNECTIONS", "0"),
        ("MAX_WAITING_REQUESTS", "0"), ("STREAM_IDLE_SECONDS", "15"),
        ("BUILD_NAMESPACE", "Image-Build"), ("BUILD_NAMESPACE", "a.b"), ("BUILD_NAMESPACE", "../default"),
        ("BUILD_NAMESPACE", String(repeating: "n", count: 64)), ("BUILD_PIPELINE", "-x"),
        ("BUILD_SERVICE_ACCOUNT", "a b"), ("BUILDER_IMAGE", "an image"), ("RUN_IMAGE", "x\n"),
        ("LATEST_RUN_IMAGE", "a b"),
        ("DEPRECATED_BUILDER_IMAGE", "-"),
        ("IMAGE_REGISTRY", "registry.example/"), ("RESOLVE_COMMITS", "no"), ("IMPORT_CONFIGS", "on"),
        ("GIT_ALLOWED_NETWORKS", "10.0.0.0/33"),
        ("GIT_ALLOWED_NETWORKS", "10.0.0.0/8,"), ("GIT_ALLOWED_NETWORKS", "localhost"),
        ("GIT_CA_FILE", "/nonexistent"),
    ])
    func aValueThatCannotBeMeantStopsTheStartAndIsNamed(_ name: String, value: String) {
        #expect {
            try Settings(environment: [name: value])
        } throws: { error in
            "\(error)".hasPrefix("\(name)=\(value) is not valid: ") && "\(error)".hasSuffix(" is expected")
        }
    }
}
