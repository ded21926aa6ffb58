extension AnswerText {
    /// What a server answers to a call, if it answers.
    init(for call: ServerCall, _ draw: inout Draw) {
        guard call.isModelCall else {
            self = .models(call.number)
            return
        }
        let path = call.exchange.url.utf8
        guard !path.ends(with: "/embeddings") else {
            self = .embeddings(call.number)
            return
        }
        let reports = !draw.chance(15)
        guard !path.ends(with: "/invoke") else {
            self = .vector(call.number, withUsage: reports)
            return
        }
        let (isFlood, isNoise) =
            if case .floods(let isNoise) = call.behaviour { (true, isNoise) } else { (false, false) }
        let padding = isFlood ? 12_000 : draw.one(of: [0, 0, 0, 200])
        let style = Style(
            call: call.number, question: call.question, padding: call.asksForStream || !isFlood ? padding : 1_050_000,
            isNoise: isNoise)
        guard call.asksForStream else {
            self = .whole(style, for: call, path, withUsage: reports)
            return
        }
        if case .answersNothing = call.behaviour, !call.isBedrock {
            self.init(parts: [Self.done])
            return
        }
        let chunks = isFlood ? 85 : 1 + draw.pick(6)
        if call.isBedrock {
            self = .converseStream(style, chunks: chunks, withUsage: reports)
        } else if path.ends(with: "/responses") {
            let state = draw.one(of: [FinalState.completed, .completed, .completed, .incomplete])
            self = .responseStream(
                style, chunks: chunks, withUsage: reports, state, hasNames: !draw.chance(50),
                failsAtEnd: draw.chance(50))
        } else {
            self = .stream(
                style, isChat: path.ends(with: "/chat/completions"), chunks: chunks,
                withUsage: reports && call.asksForUsage, withTimings: draw.chance(20))
        }
    }

    private static func whole(
        _ style: Style, for call: ServerCall, _ path: String.UTF8View, withUsage: Bool
    ) -> AnswerText {
        if call.isBedrock { return .converse(style, withUsage: withUsage) }
        if path.ends(with: "/responses") { return .response(style, withUsage: withUsage) }
        return .completion(style, isChat: path.ends(with: "/chat/completions"), withUsage: withUsage)
    }
}

extension String.UTF8View {
    fileprivate func ends(with text: StaticString) -> Bool {
        text.withUTF8Buffer { suffix($0.count).elementsEqual($0) }
    }
}
