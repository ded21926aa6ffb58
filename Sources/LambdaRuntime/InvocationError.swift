import Digests
package import HTTPTypes
import JSONBytes

/// A failure in the words of the Runtime API.
package struct InvocationError: Error, Equatable, Sendable {
    /// `Function.` and a name in camel case: workflows match on it, and AWS renames what looks different.
    package let type: String
    package let message: String

    package init(_ name: String, _ message: String) {
        type = "Function.\(name)"
        self.message = message
    }

    var json: [UInt8] {
        JSONValue.object([
            ("errorType", .string(type)), ("errorMessage", .string(message)), ("stackTrace", .array([])),
        ]).serialized
    }

    /// For an answer whose first bytes have gone out: sent behind its last chunk.
    package var trailers: HTTPFields {
        [.errorType: type, .errorBody: Base64.encode(json)]
    }
}
