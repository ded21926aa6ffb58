// swift-tools-version:6.3
import PackageDescription

/// As in the main package.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
    ],
    targets: [
        .target(name: "CHarness"),
        .executableTarget(
            name: "harness",
            dependencies: [
                "CHarness",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            path: "Sources/Harness",
            swiftSettings: settings),
        .executableTarget(name: "floor", path: "Sources/Floor", linkerSettings: [.linkedLibrary("curl")]),
        .testTarget(name: "HarnessTests", dependencies: ["harness"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
