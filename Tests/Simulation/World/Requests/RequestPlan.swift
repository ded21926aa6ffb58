/// One request of the load: what a caller sends, and how it and Lambda behave.
package struct RequestPlan {
    package let number: Int
    /// After the beginning of the life. In milliseconds.
    package var arrival = 0
    /// Which of the processes gets it.
    package var process = 0
    package var door = Door.functionURL
    package var target = Target.chat
    /// The server in the path; nil for the address that all servers share.
    package var server: Int? = 0
    /// The server whose model is named at the shared address.
    package var namedServer = 0
    package var model = ModelName.none
    /// The name of `settings.models` that is sent to the shared address.
    package var name: Int?
    /// Where the name leads, if that is more than one server.
    package var choices: [NamedModelPlan.Choice] = []
    /// Whether weights decide which of them comes first.
    package var isOrderDrawn = false
    /// Whether the body has no model, since the name is the table's default.
    package var omitsName = false
    package var key = KeyChoice.none
    package var isStream = false
    /// How many texts get embeddings.
    package var texts = 1
    package var wantsUsage = false
    /// Which of the life's questions is asked. Equal questions may be answered from the cache.
    package var question = 0
    package var cacheControl: String?
    /// Padding that makes the prompt longer. In bytes.
    package var padding = 0
    /// Until Lambda ends the invocation; nil for no limit. In milliseconds.
    package var timeLeft: Int?
    package var reading = Reading()
    package var eventFault = EventFault.none

    /// Direct invocations get no streams, and embeddings have none.
    var getsStream: Bool { isStream && door != .direct && target.isGeneration }

    package enum Door: CaseIterable { case functionURL, httpAPI, restAPI, loadBalancer, direct }

    package enum Target {
        case chat, embeddings, models, me, health, unknown, completions, responses

        /// Whether a model writes text.
        var isGeneration: Bool { [.chat, .completions, .responses].contains(self) }
        /// Whether the answer depends on the model that the body names.
        var namesModel: Bool { isGeneration || self == .embeddings }
        /// Whether callers can ask for a stream's usage.
        var hasUsageOption: Bool { self == .chat || self == .completions }
    }

    package enum ModelName { case none, real, alias, other, embedder }

    package enum KeyChoice: Equatable {
        case none, wrong
        case virtual(Int)
        /// The token of a server.
        case token(Int)
        /// A token of `SimulatedIssuer`, by its number.
        case user(Int)
        /// One of `GatewayPlan.keys`, by its number. Only API Gateway sees the key itself.
        case gateway(Int)
    }

    /// How Lambda hands over the event.
    package enum EventFault {
        case none
        /// The connection breaks within the event, which is then lost.
        case cutOff
        /// Not an event.
        case nonsense
        /// It isn't lost, but takes some time to arrive.
        case inPieces
    }
}

/// How Lambda, and so the caller, takes the answer.
package struct Reading {
    /// How much is taken at once. In bytes.
    package var piece = 64 * 1024
    /// Between two pieces. In milliseconds.
    package var pause = 0
    /// After so many bytes nothing more is taken; nil for never.
    package var stopsAfter: Int?
    /// After so many bytes the connection is reset; nil for never.
    package var resetsAfter: Int?
    /// The Runtime API's status for the answer; 202 is what it says to a good one.
    package var status = 202
    /// Whether the status comes before the answer has been read.
    package var refusesEarly = false

    /// Whether everything is taken, sooner or later.
    package var takesAll: Bool { stopsAfter == nil && resetsAfter == nil && status == 202 }
}
