// swift-tools-version: 6.2
import PackageDescription

// The table in ci/imports says which module may import which; `ci/test` checks it.
let package = Package(
    name: "components-api",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "components-api", targets: ["ComponentsServer"]),
        .executable(name: "fake-kubernetes", targets: ["FakeKubernetesServer"]),
        .library(name: "Kubernetes", targets: ["Kubernetes"]),
        .library(name: "FastCGI", targets: ["FastCGI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        .target(
            name: "FastCGI",
            dependencies: [
                "CFastCGI",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(name: "JSON"),
        .target(
            name: "Git",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(name: "Telemetry"),
        .target(name: "OpenAPI", dependencies: ["JSON"]),
        .target(
            name: "DocumentationPage", dependencies: ["JSON", .product(name: "Crypto", package: "swift-crypto")]),
        .target(name: "YAML", dependencies: ["JSON", .product(name: "Yams", package: "Yams")]),
        .target(
            name: "Kubernetes",
            dependencies: [
                "JSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "Harbor",
            dependencies: [
                "JSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(
            name: "Components",
            dependencies: [
                "JSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "ComponentsKubernetes",
            dependencies: [
                "Components", "JSON", "Kubernetes",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "ComponentsHTTP",
            dependencies: [
                "Components", "DocumentationPage", "JSON", "OpenAPI", "YAML",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "ComponentsServer",
            dependencies: [
                "Components", "ComponentsHTTP", "ComponentsKubernetes", "FastCGI", "Git", "Harbor",
                "JSON", "Kubernetes", "Telemetry", "YAML",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "FakeKubernetes",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(
            name: "FakeKubernetesServer",
            dependencies: ["FakeKubernetes", .product(name: "ArgumentParser", package: "swift-argument-parser")]
        ),
        .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport"),
        .testTarget(
            name: "FastCGITests",
            dependencies: [
                "FastCGI", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
        .testTarget(
            name: "GitTests",
            dependencies: [
                "Components", "ComponentsServer", "Git", "JSON",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry"]),
        .testTarget(name: "OpenAPITests", dependencies: ["JSON", "OpenAPI"]),
        .testTarget(name: "DocumentationPageTests", dependencies: ["DocumentationPage", "JSON"]),
        .testTarget(name: "YAMLTests", dependencies: ["JSON", "TestSupport", "YAML"]),
        .testTarget(
            name: "KubernetesTests",
            dependencies: [
                "JSON", "Kubernetes", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "ComponentsTests",
            dependencies: ["Components", "JSON", "TestSupport", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "ComponentsKubernetesTests",
            dependencies: [
                "Components", "ComponentsKubernetes", "FakeKubernetes", "JSON", "Kubernetes",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "ComponentsHTTPTests",
            dependencies: [
                "Components", "ComponentsHTTP", "DocumentationPage", "JSON", "OpenAPI", "TestSupport", "YAML",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "ComponentsServerTests",
            dependencies: [
                "Components", "ComponentsHTTP", "ComponentsKubernetes", "ComponentsServer", "FastCGI", "Git", "Harbor",
                "JSON", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "FakeKubernetesTests",
            dependencies: [
                "FakeKubernetes",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            resources: [.copy("Recorded")]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        // Here and not as a flag of `swift build`, which would reach the dependencies too.
        .treatAllWarnings(as: .error),
    ]
}
