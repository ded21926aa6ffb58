// swift-tools-version:6.3
import PackageDescription

/// The settings of all targets in this package. Warnings are errors.
var settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // Debug builds, and so tests, check exclusivity. In release the checks would be a fifteenth of a chunk's
    // instructions: docs/decisions/0018.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// Set by scripts/fuzz: the targets of this package, but not the dependencies, are compiled for libFuzzer and
/// AddressSanitizer.
let isFuzzing = Context.environment["FUZZING"] != nil
let sanitizers = "-sanitize=fuzzer,address"
if isFuzzing { settings.append(.unsafeFlags([sanitizers, "-enable-testing"])) }

/// The linker folds equal functions, exports nothing, and links only the functions of libstdc++ that are called.
let linking = "\(Context.packageDirectory)/Sources/bootstrap/Linking"
let releaseLinking =
    ["-use-ld=lld", "-L\(linking)"]
    + ["--icf=all", "--version-script=\(linking)/exports.map"].flatMap { ["-Xlinker", $0] }

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "lambda-openai-proxy",
    products: [
        .executable(name: "bootstrap", targets: ["bootstrap"]),
        .executable(name: "function-url", targets: ["FunctionURL"]),
        .executable(name: "proxy-tool", targets: ["ProxyTool"]),
    ],
    dependencies: [
        // `traits: []` leaves out the Foundation URL conveniences: nothing in `bootstrap` imports Foundation.
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
    ],
    targets: [
        // The program's targets, from the bottom up: each depends only on targets above it. The libraries don't use
        // pkg-config, which would put the system's folder before that of the static libraries.
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev", "libssl-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CMalloc"),
        .target(name: "PlaygroundPage"),
        // Never imported: the linker uses its symbols in place of larger ones.
        .target(name: "SymbolReplacements", swiftSettings: settings),
        .target(name: "Digests", dependencies: ["COpenSSL"], swiftSettings: settings),
        .target(name: "Compression", dependencies: ["CZlib"], swiftSettings: settings),
        .target(name: "JSONBytes", swiftSettings: settings),
        .target(name: "Calendar", swiftSettings: settings),
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: settings),
        .target(name: "Transport", dependencies: [httpTypes], swiftSettings: settings),
        .target(
            name: "LambdaRuntime", dependencies: ["Transport", "JSONBytes", "Digests", httpTypes],
            swiftSettings: settings
        ),
        .target(
            name: "AWSSignature", dependencies: ["Calendar", "Digests", "Transport", httpTypes], swiftSettings: settings
        ),
        .target(
            name: "Dialects", dependencies: ["Transport", "JSONBytes", "Digests", httpTypes], swiftSettings: settings),
        .target(name: "JSONWebTokens", dependencies: ["JSONBytes", "Digests"], swiftSettings: settings),
        .target(
            name: "Proxy",
            dependencies: [
                "LambdaRuntime", "Dialects", "AWSSignature", "JSONWebTokens", "Transport", "JSONBytes", "Calendar",
                "Digests", "Compression", httpTypes, logging,
            ],
            swiftSettings: settings),
        .target(
            name: "DynamoDBStore",
            dependencies: ["Proxy", "AWSSignature", "Transport", "Calendar", "JSONBytes", "Digests", httpTypes],
            swiftSettings: settings),
        .target(name: "FileCache", dependencies: ["Proxy", "Digests"], swiftSettings: settings),
        .target(
            name: "ProxyConfiguration",
            dependencies: ["Proxy", "AWSSignature", "JSONWebTokens", "Calendar", "Transport", "YAML", httpTypes],
            swiftSettings: settings),
        .target(
            name: "CurlTransport", dependencies: ["Transport", "CCurl", "CEpoll", httpTypes], swiftSettings: settings),
        .executableTarget(
            name: "bootstrap",
            dependencies: [
                "CurlTransport", "ProxyConfiguration", "DynamoDBStore", "FileCache", "AWSSignature", "Proxy",
                "LambdaRuntime", "JSONBytes", "CMalloc", "PlaygroundPage", "SymbolReplacements", logging,
            ],
            exclude: ["Linking"],
            swiftSettings: settings,
            // Makes the program smaller, for cold starts: docs/decisions/0004.
            linkerSettings: [.unsafeFlags(releaseLinking, .when(platforms: [.linux], configuration: .release))]),

        // The following are for development only, and never linked into `bootstrap`. First, the local function URL.
        .target(name: "CChildProcess"),
        .executableTarget(
            name: "FunctionURL",
            dependencies: [
                "CChildProcess", "YAML",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        // Makes keys, and checks tables.
        .executableTarget(
            name: "ProxyTool",
            dependencies: [
                "ProxyConfiguration", "Proxy", "JSONWebTokens", "Calendar", "Digests",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        // Calls a limit store, so that tests can run several such processes at once.
        .executableTarget(
            name: "limit-store-probe",
            dependencies: [
                "DynamoDBStore", "AWSSignature", "CurlTransport", "Proxy", "JSONBytes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/LimitStoreProbe",
            swiftSettings: settings),
        .testTarget(name: "DigestsTests", dependencies: ["Digests", "COpenSSL"], swiftSettings: settings),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"], swiftSettings: settings),
        .testTarget(
            name: "SymbolReplacementsTests", dependencies: ["SymbolReplacements"], swiftSettings: settings),
        .testTarget(name: "JSONBytesTests", dependencies: ["JSONBytes"], swiftSettings: settings),
        .testTarget(name: "CalendarTests", dependencies: ["Calendar"], swiftSettings: settings),
        .testTarget(
            name: "AWSSignatureTests", dependencies: ["AWSSignature", httpTypes], swiftSettings: settings),
        .testTarget(
            name: "DialectsTests", dependencies: ["Dialects", "Transport", "JSONBytes", httpTypes],
            swiftSettings: settings),
        .testTarget(
            name: "JSONWebTokensTests", dependencies: ["JSONWebTokens", "Digests", "JSONBytes"],
            exclude: ["make_token_vectors.py"],
            swiftSettings: settings),
        .testTarget(name: "TransportTests", dependencies: ["Transport", httpTypes], swiftSettings: settings),
        .testTarget(
            name: "LambdaRuntimeTests", dependencies: ["LambdaRuntime", "Transport", httpTypes], swiftSettings: settings
        ),
        .testTarget(
            name: "ProxyTests",
            dependencies: [
                "Proxy", "AWSSignature", "JSONWebTokens", "LambdaRuntime", "Transport", "JSONBytes", "Digests",
                httpTypes, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DynamoDBStoreTests",
            dependencies: ["DynamoDBStore", "Proxy", "AWSSignature", "Transport", "JSONBytes", "Digests", httpTypes],
            swiftSettings: settings),
        .testTarget(name: "FileCacheTests", dependencies: ["FileCache", "Proxy"], swiftSettings: settings),
        .testTarget(
            name: "ProxyConfigurationTests",
            dependencies: ["ProxyConfiguration", "Proxy", "JSONWebTokens", "Transport", httpTypes],
            swiftSettings: settings),
        .testTarget(
            name: "CurlTransportTests", dependencies: ["CurlTransport", "ScriptedUpstream", "Transport", httpTypes],
            swiftSettings: settings),
        // A server for tests, on loopback.
        .target(name: "ScriptedUpstream", path: "Tests/ScriptedUpstream", swiftSettings: settings),
        .testTarget(
            name: "FunctionURLTests",
            dependencies: ["FunctionURL", "YAML", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
        // The real code in a simulated world: docs/decisions/0036.
        .target(
            name: "SimulatedWorld",
            dependencies: [
                "Proxy", "ProxyConfiguration", "DynamoDBStore", "LambdaRuntime", "CurlTransport", "AWSSignature",
                "Transport", "JSONBytes", "Calendar", "Digests", "CZlib", httpTypes, logging,
            ],
            path: "Tests/Simulation/World",
            exclude: ["Users/make_issued_tokens.py"],
            swiftSettings: settings),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "SimulatedWorld", "JSONBytes", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Simulation/Program",
            swiftSettings: settings,
            // gold, the default, doesn't find what libcurl.a needs of a library that was named before it.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux], configuration: .release))]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "SimulatedWorld", "CurlTransport", "ScriptedUpstream", "Proxy", "ProxyConfiguration", "JSONWebTokens",
                "Transport", "JSONBytes", httpTypes,
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    // For `#embed`.
    cLanguageStandard: .gnu2x
)

// The fuzz targets of all parsers: CONTRIBUTING.md, "Fuzzing". lld links them, because gold can't.
if isFuzzing {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CLibFuzzer", "CurlTransport", "ProxyConfiguration", "DynamoDBStore", "Proxy", "Dialects",
                "JSONWebTokens", "LambdaRuntime", "Transport", "JSONBytes", "Digests", httpTypes,
            ],
            path: "Tests/Fuzz",
            exclude: ["CLibFuzzer", "Corpus"],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]),
    ]
}
