import AWSSignature
import ArgumentParser
import CurlTransport
import DynamoDBStore
import Glibc
import JSONBytes
import Proxy

/// Calls a store several times in a row, and prints each result as one line of JSON.
@main
struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit-store-probe", abstract: "Call a limit store, and print the results as JSON lines.")

    enum Call: String, ExpressibleByArgument {
        case take, add, enter, churn
    }

    @Argument(help: "take; add; enter, which keeps its leases; or churn, which enters and leaves.") var call: Call
    @Option(help: "The URL of DynamoDB.") var endpoint: String?
    @Option(help: "The name of the table.") var table: String
    @Option(help: "The AWS region for the signature.") var region = "eu-west-1"
    @Option(help: "The scope that is counted for.") var scope = "probe"
    @Option(help: "The number of calls.") var count = 1
    @Option(help: "The quota of requests or leases.") var quota = Int.max
    @Option(help: "The requests that each call takes or adds.") var requests = 1
    @Option(help: "The tokens that each call adds; with take, the quota.") var tokens: Int?
    @Option(help: "The cost in billionths of a dollar that each call adds; with take, the quota.") var cost: Int?
    @Option(help: "The period: minute, day or month.") var period = Period.minute
    @Option(help: "The duration of a lease in seconds.") var lasting: Int64 = 900
    @Option(help: "The milliseconds by which the clock is wrong.") var clockOffset: Int64 = 0

    func run() throws {
        guard let loop = CurlLoop() else { throw ExitCode.failure }
        let offset = clockOffset
        let store = DynamoDBStore(
            table: table, region: region, endpoint: endpoint, AWSCredentials(Machine.environment()), over: loop,
            now: { Machine.microseconds(CLOCK_REALTIME) / 1000 + offset })
        Task.detached(executorPreference: loop) {
            for number in 0..<count { await report(number, store) }
            loop.stop()
        }
        loop.run()
    }

    private func report(_ number: Int, _ store: DynamoDBStore) async {
        let start = Machine.microseconds(CLOCK_MONOTONIC)
        var line: [(key: String, value: JSONValue)]
        do throws(StoreError) {
            line = try await perform(number, store)
        } catch {
            line = [("error", .string(error.detail)), ("isSilent", .bool(error.isSilent))]
        }
        line.append(("milliseconds", .integer(Int(Machine.microseconds(CLOCK_MONOTONIC) - start) / 1000)))
        print(String(decoding: JSONValue.object(line).serialized, as: UTF8.self))
    }

    private func perform(
        _ number: Int, _ store: DynamoDBStore
    ) async throws(StoreError) -> [(key: String, value: JSONValue)] {
        let now = store.now() / 1000
        let counter = Counter(scope, period, start: period.start(at: now))
        let lease = Lease(scope, id: "\(getpid())-\(number)", quota: quota, expires: now + lasting)
        switch call {
        case .take:
            let quotas = Usage(requests: quota, tokens: tokens ?? .max, cost: cost ?? .max)
            let result = try await store.take(PermitRequest(counter, requests: requests, quotas: quotas))
            return describe(result) + [("start", .integer(Int(counter.start)))]
        case .add:
            try await store.add(Usage(requests: requests, tokens: tokens ?? 0, cost: cost ?? 0), to: counter)
            return [("start", .integer(Int(counter.start)))]
        case .enter: return [("entered", .bool(try await store.enter(lease)))]
        case .churn:
            guard try await store.enter(lease) else { return [("entered", .bool(false))] }
            let entered = Machine.microseconds(CLOCK_MONOTONIC)
            try await store.add(Usage(requests: 1), to: counter)
            let leaving = Machine.microseconds(CLOCK_MONOTONIC)
            try await store.leave(lease)
            return [("entered", .bool(true)), ("from", .integer(Int(entered))), ("to", .integer(Int(leaving)))]
        }
    }

    private func describe(_ result: QuotaCheckResult) -> [(key: String, value: JSONValue)] {
        let (isGranted, usage) =
            switch result {
            case .granted(let usage): (true, usage)
            case .refused(let usage): (false, usage)
            }
        return [
            ("granted", .bool(isGranted)), ("requests", .integer(usage.requests)),
            ("tokens", .integer(usage.tokens)), ("cost", .integer(usage.cost)),
        ]
    }
}

extension Period: ExpressibleByArgument {}

/// The clocks and the environment of this process.
enum Machine {
    /// In microseconds.
    static func microseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// The environment variables with AWS credentials.
    static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }
}
