import Transport

/// The rules of the transport, as scripts.
extension Script {
    static let all = answers + failures + timeouts + endsByTheClient + backPressure + uploads + lateBytes

    private static let answers = [
        Script(
            name: "An answer arrives whole", expected: "200, hello, complete; request",
            server: [.readRequest, .head(200, .length(5)), .send("hello"), .end]),
        Script(
            name: "An answer arrives in pieces", expected: "200, hello, complete; request",
            server: [.readRequest, .head(200, .chunked), .send("he"), .wait, .send("llo"), .wait, .end],
            afterHead: [.read("he"), .proceed, .read("llo"), .proceed]),
        Script(
            name: "An answer without a length ends with its connection", expected: "200, hello, complete; request",
            server: [.readRequest, .head(200, .untilClose), .send("hello"), .end]),
        Script(
            name: "An answer may have no body", expected: "202, , complete; request",
            server: [.readRequest, .head(202, .length(0)), .end]),
    ]

    private static let failures = [
        Script(name: "A connection may be refused", expected: "refused; no request", address: .refusing),
        Script(name: "There may be no such host", expected: "unresolved; no request", address: .unresolved),
        Script(name: "A reset before the head", expected: "reset; request", server: [.readRequest, .reset]),
        Script(name: "A close before the head", expected: "reset; request", server: [.readRequest, .close]),
        Script(
            name: "A close within the head", expected: "reset; request", server: [.readRequest, .partOfHead, .close]),
        Script(
            name: "A reset within a body with a length", expected: "200, he, reset; request",
            server: [.readRequest, .head(200, .length(5)), .send("he"), .wait, .reset],
            afterHead: [.read("he"), .proceed]),
        Script(
            name: "A reset within a chunked body", expected: "200, he, reset; request",
            server: [.readRequest, .head(200, .chunked), .send("he"), .wait, .reset],
            afterHead: [.read("he"), .proceed]),
        Script(
            name: "A close within a body with a length", expected: "200, he, reset; request",
            server: [.readRequest, .head(200, .length(5)), .send("he"), .close]),
        Script(
            name: "A close within a chunked body", expected: "200, he, reset; request",
            server: [.readRequest, .head(200, .chunked), .send("he"), .close]),
    ]

    private static let timeouts = [
        Script(
            name: "The time for the first byte runs before the head", expected: "firstByteTimeout; request",
            limits: limits { $0.firstByte = 300 }, server: [.readRequest, .awaitClient]),
        Script(
            name: "The time for the first byte runs on after the head", expected: "200, , firstByteTimeout; request",
            limits: limits { $0.firstByte = 600 }, server: [.readRequest, .head(200, .length(5)), .awaitClient]),
        Script(
            name: "The idle time runs after a byte", expected: "200, he, idleTimeout; request",
            limits: limits { $0.idle = 200 }, server: [.readRequest, .head(200, .chunked), .send("he"), .awaitClient]),
        Script(
            name: "The total time is a timeout once the request is sent", expected: "timeout; request",
            limits: limits { $0.total = 600 }, server: [.readRequest, .awaitClient]),
        Script(
            name: "The total time is a timeout of the connection before that", expected: "connectTimeout; no request",
            address: .neverAccepting, limits: limits { $0.total = 200 }),
        Script(
            name: "The time to connect", expected: "connectTimeout; no request", address: .neverAccepting,
            limits: limits { $0.connect = 200 }),
        Script(
            name: "The total time also ends a body", expected: "200, he, timeout; request",
            limits: limits { $0.total = 1000 }, server: [.readRequest, .head(200, .chunked), .send("he"), .awaitClient]),
        Script(
            name: "The filter fills silences, and the rest still arrives", expected: "200, hello, complete; request",
            limits: limits { $0.silence = 20 },
            server: [.readRequest, .head(200, .chunked), .send("he"), .wait, .send("llo"), .end],
            isFiltered: true, afterHead: [.read("~~"), .proceed]),
    ]

    private static let endsByTheClient = [
        Script(name: "Cancellation before the request", expected: "canceled; no request", before: [.cancel]),
        Script(
            name: "Cancellation before the head", expected: "canceled; request",
            server: [.readRequest, .tell, .awaitClient], meanwhile: [.awaitServer, .cancel]),
        Script(
            name: "Cancellation within the body", expected: "200, he, canceled; request",
            server: [.readRequest, .head(200, .length(5)), .send("he"), .awaitClient],
            afterHead: [.read("he"), .cancel]),
        Script(
            name: "The reader cancels the pipe", expected: "200, he, canceled; request",
            server: [.readRequest, .head(200, .length(5)), .send("he"), .awaitClient],
            afterHead: [.read("he"), .cancelPipe]),
    ]

    private static let large = String(repeating: "a", count: 1 << 20)

    private static let backPressure = [
        Script(
            name: "A full pipe stops the sender until it is drained",
            expected: "200, \(large.utf8.count) bytes, complete; request; held back",
            server: [.readRequest, .head(200, .length(large.utf8.count)), .send(large), .end],
            afterHead: [.stayAway(200)]),
        Script(
            name: "The idle time doesn't run while the sender waits for the reader",
            expected: "200, \(large.utf8.count) bytes, complete; request; held back",
            limits: limits { $0.idle = 400 },
            server: [.readRequest, .head(200, .length(large.utf8.count)), .send(large), .end],
            afterHead: [.stayAway(1000)]),
    ]

    private static let uploads = [
        Script(
            name: "A streamed request arrives piece by piece",
            expected: "200, ok, complete; request [abc; upload canceled",
            server: [.readUpload("ab"), .tell, .readRequest, .head(200, .length(2)), .send("ok"), .end],
            streams: true, meanwhile: [.upload("ab"), .awaitServer, .upload("c"), .endUpload]),
        Script(
            name: "A streamed request ends with its trailers",
            expected: "200, , complete; request [abc + trailers; upload canceled",
            server: [.readRequest, .head(200, .length(0)), .end], streams: true,
            meanwhile: [.upload("abc"), .endUploadWithTrailers]),
        Script(
            name: "A streamed request that fails has no end",
            expected: "canceled; part of a request [ab; upload canceled",
            server: [.readUpload("ab"), .tell, .readRequest], streams: true,
            meanwhile: [.upload("ab"), .awaitServer, .failUpload]),
        Script(
            name: "A refusal before the end of the request stops the upload",
            expected: "413, no, complete; part of a request [ab; upload canceled",
            server: [.readUpload("ab"), .head(413, .length(2)), .send("no"), .end, .awaitClient], streams: true,
            meanwhile: [.upload("ab")]),
        Script(
            name: "A server's failure before the end of the request stops the upload",
            expected: "500, no, complete; part of a request [ab; upload canceled",
            server: [.readUpload("ab"), .head(500, .chunked), .send("no"), .end, .awaitClient], streams: true,
            meanwhile: [.upload("ab")]),
        Script(
            name: "A reset ends the upload", expected: "reset; part of a request [ab; upload canceled",
            server: [.readUpload("ab"), .reset], streams: true, meanwhile: [.upload("ab")]),
    ]

    private static let lateBytes = [
        Script(
            name: "Bytes behind the length are dropped", expected: "200, hello, complete; request",
            server: [.readRequest, .head(200, .length(5)), .send("hello"), .end, .excess("more")]),
        Script(
            name: "Bytes behind the last chunk are dropped", expected: "200, hello, complete; request",
            server: [.readRequest, .head(200, .chunked), .send("hello"), .end, .excess("more")]),
        Script(
            name: "After the filter's end, bytes are dropped until the exchange ends",
            expected: "200, a!, complete; request",
            server: [.readRequest, .head(200, .chunked), .send("a!"), .wait, .send("b"), .awaitClient],
            isFiltered: true, afterHead: [.read("!"), .proceed]),
    ]

    private static func limits(_ change: (inout TimeLimits) -> Void) -> TimeLimits {
        var limits = TimeLimits()
        change(&limits)
        return limits
    }
}
