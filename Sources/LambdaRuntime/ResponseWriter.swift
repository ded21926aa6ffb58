package import HTTPTypes
import JSONBytes
package import Transport

/// What a function does with its invocations.
package protocol InvocationHandler: Sendable {
    /// Answers one invocation. There is no other way out than through the writer.
    func handle(_ invocation: Invocation, _ writer: consuming ResponseWriter) async -> Delivery
}

/// The right to answer one invocation, once: each way to answer uses it up, and the compiler counts.
package struct ResponseWriter: ~Copyable {
    private let invocation: Invocation
    private let client: RuntimeClient
    private let cancellation: Cancellation

    /// - Parameter cancellation: ends the answer, whole or not.
    package init(_ invocation: Invocation, _ client: RuntimeClient, _ cancellation: Cancellation = Cancellation()) {
        self.invocation = invocation
        self.client = client
        self.cancellation = cancellation
    }

    /// Sends the prelude now and the body as the pipe brings it.
    package consuming func stream(_ prelude: Prelude, _ body: BodyPipe) async -> Delivery {
        await client.respond(to: invocation, prelude, body: body, cancellation)
    }

    /// Sends an answer that is complete.
    package consuming func send(_ prelude: Prelude, _ body: [UInt8]) async -> Delivery {
        let pipe = BodyPipe()
        pipe.write(body)
        pipe.finish(nil)
        return await stream(prelude, pipe)
    }

    /// Says that the invocation has failed. For events that no HTTP answer fits.
    package consuming func fail(_ error: InvocationError) async -> Delivery {
        await client.fail(invocation, error, cancellation)
    }
}

/// How an answer was taken. Only the Runtime API's client makes one, so whoever has one has answered.
package enum Delivery: Equatable {
    case accepted
    /// Not taken: 410 means that the answer belongs to an attempt that has timed out.
    case rejected(status: Int, String)
    case failed(TransportError)
}

/// The head of a streamed answer: what the function URL turns into a status line and header fields.
package struct Prelude: Equatable, Sendable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields

    package init(_ status: HTTPResponse.Status, fields: HTTPFields = [:]) {
        self.status = status
        self.fields = fields
    }

    /// As it goes over the wire: one JSON object and eight NUL bytes.
    package var serialized: [UInt8] {
        var headers = JSONObjectWriter(capacity: Self.usualLength)
        for (name, value) in joinedFields { headers.add(name: name, value) }
        headers.end()
        var head = JSONObjectWriter(capacity: Self.usualLength)
        head.add("statusCode", status.code)
        head.add("headers", json: headers.bytes)
        head.end()
        return head.bytes + [UInt8](repeating: 0, count: 8)
    }

    /// Room for what most answers have. In bytes.
    private static let usualLength = 1024

    /// A JSON object has one value for each name: fields that occur twice are joined, as RFC 9110 allows. In one pass, since
    /// an upstream may send thousands.
    private var joinedFields: [(name: String, value: String)] {
        var joined: [(name: String, value: String)] = []
        joined.reserveCapacity(fields.count)
        var places = Dictionary<String, Int>(minimumCapacity: fields.count)
        for field in fields {
            let name = field.name.canonicalName
            if let place = places.updateValue(joined.count, forKey: name) {
                places[name] = place
                joined[place].value += (field.name == .cookie ? "; " : ", ") + field.value
            } else {
                joined.append((name, field.value))
            }
        }
        return joined
    }
}
