import HTTPTypes
import LambdaRuntime
import Transport

@testable import Proxy

/// A response on its way, with the request that asked for it.
struct SharedLeader {
    static let events = (0..<4).map {
        "data: {\"model\":\"m-2026\",\"choices\":[{\"delta\":{\"content\":\"\($0)\"}}]}\n\n"
    }
    static let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4}}\n\n"
    static let done = "data: [DONE]\n\n"
    static let whole = events.joined() + usage + done

    let clock = HandClock()
    let source = BodyPipe()
    let meter = Samples.meter()
    let response: SharedResponse

    init(limit: Int = 10_000) {
        response = SharedResponse(limit: limit, now: { [clock] in clock.now }, clock)
    }

    /// The head of the response has arrived.
    func begin(_ fields: HTTPFields = [.contentType: "text/event-stream"]) {
        if MediaType(fields[.contentType]).isEventStream {
            source.attach(EventStreamFilter(for: Samples.route(), meter: meter, hidesUsage: false))
        } else {
            source.attach(CopyingFilter(meter: meter))
        }
        response.record(Prelude(.ok, fields: fields), source, meter, model: "m")
    }

    func write(_ text: String, after wait: Int64 = 0) {
        clock.advance(by: wait)
        source.write(Array(text.utf8))
        clock.advance()
    }

    func follow(upTo limit: Int? = nil, _ cancellation: Cancellation = Cancellation()) -> SharedResponse.Follower {
        response.follow(upTo: limit, cancellation) { error, _ in
            StreamFailure(.upstreamFailed(server: "a", error))
        }
    }

    /// All that has come for a follower, which reads as fast as it can.
    func text(_ follower: SharedResponse.Follower) -> String {
        var bytes: [UInt8] = []
        while follower.body.count > 0 {
            bytes += follower.body.readAll()
            clock.advance()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Passes on what comes, whatever it is.
struct CopyingFilter: BodyFilter {
    let meter: Meter

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        if !bytes.isEmpty { meter.noteOutput() }
        output += bytes
        return nil
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        error.map { .failed($0) } ?? .complete
    }

    mutating func fillSilence(into output: inout [UInt8]) {}
}

extension SharedResponse.Beginning? {
    /// What a follower is told.
    var name: String {
        switch self {
        case .entry: "entry"
        case .answer: "answer"
        case .nothing: "nothing"
        case nil: "nil"
        }
    }
}

extension BodyPipe.End? {
    /// How a body ended, and why.
    var name: String {
        switch self {
        case .complete: "complete"
        case .partial(let type, _, _): "partial \(type)"
        case .failed(let error): "failed \(error.kind)"
        case nil: "nil"
        }
    }
}
