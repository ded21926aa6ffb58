import Testing
import Transport

/// What a client and a server do in one exchange, and what both see of it.
struct Script: Sendable, CustomTestStringConvertible {
    /// What a server does.
    enum ServerStep: Sendable {
        case readRequest
        /// Reads until the request's body contains a text.
        case readUpload(String)
        case head(Int, Framing)
        /// Sends the beginning of a head.
        case partOfHead
        /// Sends a piece of the body.
        case send(String)
        /// Ends the body as its framing says.
        case end
        /// Sends bytes behind the end.
        case excess(String)
        /// Closes the connection: with a FIN, and with an RST.
        case close, reset
        /// Waits for the client's `proceed`.
        case wait
        /// Goes on the client's `awaitServer`.
        case tell
        /// Waits until the client closes the connection.
        case awaitClient
    }

    /// How the end of a body is found.
    enum Framing: Sendable, Equatable { case length(Int), chunked, untilClose }

    /// What a client does.
    enum ClientStep: Sendable {
        case proceed, awaitServer
        /// Reads until the body contains a text.
        case read(String)
        /// Waits until the pipe is full, stays away for so many milliseconds, and notes what has arrived.
        case stayAway(Int)
        case cancelPipe, cancel
        case upload(String), endUpload, endUploadWithTrailers, failUpload
    }

    enum Address: Sendable { case server, refusing, unresolved, neverAccepting }

    let name: String
    /// What an `Observation` must say.
    let expected: String
    var address = Address.server
    var limits = TimeLimits()
    var server: [ServerStep] = []
    /// The request's body is streamed.
    var streams = false
    /// The response gets a filter that ends it after "!" and fills silences with "~".
    var isFiltered = false
    var before: [ClientStep] = []
    /// While the client waits for the head, and after that.
    var meanwhile: [ClientStep] = []
    var afterHead: [ClientStep] = []

    var testDescription: String { name }
}

/// What the client and the server have seen of an exchange.
struct Observation: Sendable, CustomStringConvertible {
    /// The status, or the kind of the error.
    var opened = ""
    var body: [UInt8] = []
    var end: String?
    var notes: [String] = []
    var request: ReceivedRequest?
    /// Whether the pipe of a streamed request's body was canceled in the end.
    var isUploadCanceled = false

    var description: String {
        var text = opened
        // The number of fillings depends on the time.
        let body = body.filter { $0 != UInt8(ascii: "~") }
        if let end {
            text += ", \(body.count > 100 ? "\(body.count) bytes" : String(decoding: body, as: UTF8.self)), \(end)"
        }
        text += "; " + (request?.description ?? "no request")
        for note in notes { text += "; " + note }
        if isUploadCanceled { text += "; upload canceled" }
        return text
    }
}

/// What has arrived of a request.
struct ReceivedRequest: Sendable, CustomStringConvertible {
    var body = ""
    var isWhole = false
    /// Whether there were trailers.
    var hasTrailers = false

    var description: String {
        (isWhole ? "request" : "part of a request") + (body.isEmpty ? "" : " \(body)")
            + (hasTrailers ? " + trailers" : "")
    }
}
