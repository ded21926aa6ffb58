package import HTTPTypes
import JSONBytes
package import Transport

/// Handles invocations.
package protocol InvocationHandler: Sendable {
    /// Responds to one invocation. The only way to get a `Delivery` is to use the writer.
    func handle(_ invocation: Invocation, _ writer: consuming ResponseWriter) async -> Delivery
}

/// Responds to one invocation, exactly once: each method consumes the writer, and the compiler checks that.
package struct ResponseWriter: ~Copyable {
    private let invocation: Invocation
    private let client: RuntimeClient
    private let cancellation: Cancellation

    /// - Parameter cancellation: ends the response, complete or not.
    package init(_ invocation: Invocation, _ client: RuntimeClient, _ cancellation: Cancellation = Cancellation()) {
        self.invocation = invocation
        self.client = client
        self.cancellation = cancellation
    }

    /// Sends the prelude at once, and the body as it arrives in the pipe.
    package consuming func stream(_ prelude: Prelude, _ body: BodyPipe) async -> Delivery {
        await client.respond(to: invocation, prelude, body: body, cancellation)
    }

    /// Sends a complete response.
    package consuming func send(_ prelude: Prelude, _ body: [UInt8]) async -> Delivery {
        let pipe = BodyPipe()
        pipe.write(body)
        pipe.finish(nil)
        return await stream(prelude, pipe)
    }

    /// Sends a whole answer through a door that doesn't stream.
    /// - Parameter document: JSON, in the form that the door wants.
    package consuming func send(document: [UInt8]) async -> Delivery {
        await client.respond(to: invocation, document: document, cancellation)
    }

    /// Reports that the invocation has failed, for events that have no HTTP response.
    package consuming func fail(_ error: InvocationError) async -> Delivery {
        await client.fail(invocation, error, cancellation)
    }
}

/// The result of sending a response to the Runtime API. Only `RuntimeClient` creates one, so it proves that a response
/// was sent.
package enum Delivery: Equatable {
    case accepted
    /// 410 means that the response belongs to an attempt that has timed out.
    case rejected(status: Int, String)
    case failed(TransportError)
}

/// The head of a streamed response, which the function URL turns into a status line and header fields.
package struct Prelude: Equatable, Sendable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields

    package init(_ status: HTTPResponse.Status, fields: HTTPFields = [:]) {
        self.status = status
        self.fields = fields
    }

    /// The wire format: one JSON object and eight NUL bytes.
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

    /// Enough for most responses. In bytes.
    private static let usualLength = 1024

    /// A JSON object has one value for each name, so fields that occur twice are joined, as RFC 9110 allows. In one
    /// pass, since an upstream may send thousands.
    var joinedFields: [(name: String, value: String)] {
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
