import HTTPTypes
import Transport

/// The server's side of a script, in either world.
protocol ScriptedServer: Sendable {
    var url: String { get }
    var isDone: Bool { get }
    var request: ReceivedRequest? { get }
    func proceed()
    /// Whether there has been a `tell` since the last call that returned true.
    func hasTold() -> Bool
}

/// Plays the client's side of a script on any loop.
///
/// `@unchecked Sendable`: used on the loop only, until it is done.
final class ScriptedClient<Loop: HTTPTransport & Timers & TaskExecutor>: @unchecked Sendable {
    private(set) var observation: Observation?
    private let script: Script
    private let loop: Loop
    private let server: any ScriptedServer
    private let cancellation = Cancellation()
    private let source = BodyPipe()
    private var seen = Observation()

    private static var window: Int { 64 * 1024 }
    private static var largestPiece: Int { 16 * 1024 }

    init(_ script: Script, _ loop: Loop, _ server: any ScriptedServer) {
        (self.script, self.loop, self.server) = (script, loop, server)
    }

    /// Runs on the loop.
    func run() async {
        await play(script.before, nil)
        let meanwhile = Task.detached(executorPreference: loop) { [self] in await play(script.meanwhile, nil) }
        do throws(TransportError) {
            let response = try await loop.open(request)
            seen.opened = "\(response.status.code)"
            if script.isFiltered { response.body.attach(EndingFilter()) }
            await play(script.afterHead, response.body)
            await readRest(of: response.body)
        } catch {
            seen.opened = "\(error.kind)"
        }
        await meanwhile.value
        await wait { self.server.isDone }
        seen.request = server.request
        seen.isUploadCanceled = source.isCanceled
        observation = seen
    }

    private var request: TransportRequest {
        let body: TransportRequest.Body = script.streams ? .stream(prefix: Array("[".utf8), source) : .none
        var request = TransportRequest(
            script.streams ? .post : .get, server.url, body: body, limits: script.limits, responseWindow: Self.window)
        request.cancellation = cancellation
        return request
    }

    private func play(_ steps: [Script.ClientStep], _ pipe: BodyPipe?) async {
        for step in steps {
            switch step {
            case .proceed: server.proceed()
            case .awaitServer: await wait { self.server.hasTold() }
            case .cancel: cancellation.cancel("by the test")
            case .upload(let text): source.write(Array(text.utf8))
            case .endUpload: source.finish(nil)
            case .failUpload: source.finish(TransportError(.reset, "by the test"))
            case .endUploadWithTrailers:
                source.finish(as: .partial(type: "", reason: "", trailers: [.expires: "t"]))
            case .cancelPipe: pipe?.cancel()
            case .read(let text):
                guard let pipe else { continue }
                while !String(decoding: seen.body, as: UTF8.self).contains(text), await readSome(of: pipe) {}
            case .stayAway(let milliseconds):
                guard let pipe else { continue }
                await wait { pipe.count >= Self.window || pipe.end != nil }
                try? await loop.sleep(for: milliseconds, Cancellation())
                seen.notes.append(pipe.count < Self.window + Self.largestPiece ? "held back" : "overrun")
            }
        }
    }

    /// - Returns: false at the end.
    private func readSome(of pipe: BodyPipe) async -> Bool {
        if pipe.count == 0, pipe.end == nil { await pipe.readable() }
        seen.body += pipe.readAll()
        return pipe.count > 0 || pipe.end == nil
    }

    private func readRest(of pipe: BodyPipe) async {
        while await readSome(of: pipe) {}
        seen.end =
            switch pipe.end {
            case nil: "open"
            case .complete: "complete"
            case .partial: "partial"
            case .failed(let error): "\(error.kind)"
            }
    }

    private func wait(until condition: () -> Bool) async {
        while !condition() { try? await loop.sleep(for: 1, Cancellation()) }
    }
}

/// Ends a body after "!" and fills silences with "~".
private struct EndingFilter: BodyFilter {
    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        output += bytes
        return bytes.contains(UInt8(ascii: "!")) ? .complete : nil
    }
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        error.map { .failed($0) } ?? .complete
    }
    mutating func fillSilence(into output: inout [UInt8]) { output += Array("~".utf8) }
}
