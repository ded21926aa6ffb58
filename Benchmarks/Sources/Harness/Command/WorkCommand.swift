import ArgumentParser
import Glibc

struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Relay the same answer repeatedly, or many streams at once, and measure the cost.")

    @OptionGroup var program: ProgramArguments

    @Option(help: "How many streams at once. They are measured for --seconds, once all of them run.")
    var streams: Int?

    @Option(help: "How long to measure, with --streams.")
    var seconds = 5.0

    @Option(help: "How many answers, one after the other, without --streams.")
    var invocations = 50

    @Option(help: "How many warm-up answers to send first, at full speed and not counted.")
    var warmUp = 20

    @Option(help: "Chunks in a stream, without --streams.")
    var chunks = 100

    @Option(help: "Milliseconds between chunks; 0: as fast as possible.")
    var interval = 0.0

    @Option(help: "Minimum bytes in a chunk.")
    var chunkBytes = 0

    @Option(help: "Bytes in a request's prompt.")
    var promptBytes = 200

    @Option(help: "The content of the request's body: \(BodyForm.allCases.map(\.rawValue).joined(separator: ", ")).")
    var bodyForm = BodyForm.prose

    @Flag(help: "Send a prompt of its own with each request, so that no cache has its answer.")
    var distinct = false

    @Option(help: "The caller's key or token, for Lambda programs.")
    var key = "bench-key"

    @Flag(help: "Answer with one JSON object of 2 KB.")
    var plain = false

    @Flag(help: "Send a stream as Bedrock's ConverseStream does.")
    var bedrock = false

    @Flag(help: "Send a chunk when the one before it has arrived, so that the program's work is repeatable.")
    var lockStep = false

    @Flag(help: "End the program with SIGTERM and wait for it, so that a profiler can write its output.")
    var endGently = false

    func validate() throws {
        if plain && bedrock { throw ValidationError("--bedrock is for streams: leave out --plain.") }
    }

    func run() throws {
        DescriptorLimit.raise()
        let rig = try Rig(program.kind, program.command, work, streams: streams ?? 1)
        let recorder = Recorder(rig.subject)
        try rig.run(events(rig, recorder))
        let figures = recorder.figures(chunkBytes: rig.upstream.stream.chunk.bytes.count)
        rig.subject?.end(with: endGently ? SIGTERM : SIGKILL)
        try print(JSONLines.encode(figures))
    }

    private var work: Work {
        Work(
            isStream: !plain, isBedrock: bedrock, chunks: streams == nil ? chunks : nil,
            interval: UInt64(interval * 1e6),
            chunkBytes: chunkBytes, promptBytes: promptBytes, bodyForm: bodyForm, isDistinct: distinct, key: key,
            isLockStep: lockStep)
    }

    private func events(_ rig: Rig, _ recorder: Recorder) -> any CallerEvents {
        guard let streams else {
            return SequentialRun(rig.caller, rig.upstream, recorder, warmUp: warmUp, count: invocations)
        }
        return ParallelRun(
            rig.caller, rig.upstream, recorder, streams: streams, nanoseconds: UInt64(seconds * 1e9))
    }
}

extension BodyForm: ExpressibleByArgument {}
