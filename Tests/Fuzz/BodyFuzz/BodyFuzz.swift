import FoundationEssentials

@testable import Proxy

/// Only a body that is one JSON object with at most one model is accepted, with or without a byte order mark. It is
/// forwarded byte for byte except for that mark, the model, which the route fills in or replaces, and the option that
/// asks for a stream's usage; the forwarded model and option are exactly the route's.
enum BodyFuzz: FuzzTarget {
    static func check(_ body: [UInt8]) {
        let opaque = Route(upstream: UpstreamServer(server()), pathAndQuery: "/x", body: .opaque)
        require((try? RequestBody(body, as: opaque.body))?.bytes(for: opaque) == body, "an opaque body was touched")
        let input = body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body.dropFirst(3)) : body
        let isObject = input.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        let isGood = isObject && String(validating: input, as: UTF8.self) != nil && JSONGrammar.accepts(input)
        // With typed throws, every refusal is a `ProxyError`.
        do throws(ProxyError) {
            let body = try RequestBody(body, as: route(nil).body)
            require(isGood, "a body was taken that is not a JSON object in UTF-8")
            check(body, from: input, try RequestMembers(input))
            checkOption(body, from: input)
        } catch {
            require(isGood == (error == .duplicateModel), "refused for the wrong reason: \(error)")
        }
    }

    private static func check(_ body: RequestBody, from input: [UInt8], _ members: RequestMembers) {
        let keys = try? JSONDecoder().decode([String: Unread].self, from: Data(input)).keys
        require(keys.map { $0.contains("model") == (members.model != nil) } ?? true, "the model is overlooked")
        let odd = String(decoding: input.suffix(16), as: UTF8.self)
        for (model, isFallback) in [(nil, true), ("gpt-4o", false), (odd, true)] {
            let isNeeded = members.model == nil || isFallback
            let output = body.bytes(for: route(model, isFallback: isFallback))
            check(output, from: input, members, reads: isNeeded ? model : nil)
        }
        var named = route("gpt-4o")
        named.named = Route.NamedChoice(model: odd, name: nil)
        check(body.bytes(for: named), from: input, members, reads: odd)
        let alias = "\(odd)\"\\"
        let aliased = body.bytes(for: route(odd, aliases: members.modelName.map { [$0: alias] } ?? [:]))
        let isFilledIn = members.model == nil
        check(aliased, from: input, members, reads: members.modelName == nil ? (isFilledIn ? odd : nil) : alias)
    }

    private static func checkOption(_ body: RequestBody, from input: [UInt8]) {
        var route = route(nil)
        route.asksForUsage = true
        let output = body.bytes(for: route)
        guard body.addsUsage(for: route) else { return require(output == input, "a body was changed for nothing") }
        require(JSONGrammar.accepts(output), "with its option the body is not JSON")
        let again = try? RequestBody(output, as: route.body)
        require(again.map { !$0.addsUsage(for: route) } ?? false, "the option isn't read")
        let streamed = try? JSONDecoder().decode(Streamed.self, from: Data(output))
        require(streamed?.options.isAsked ?? true, "others don't read the option")
    }

    /// - Parameter model: The expected model, or nil if nothing may change.
    private static func check(
        _ output: [UInt8], from input: [UInt8], _ members: RequestMembers, reads model: String?
    ) {
        guard let model else { return require(output == input, "a body was changed that needs no model") }
        let place = members.model ?? members.start..<members.start
        let (before, behind) = (input[..<place.lowerBound], input[place.upperBound...])
        let isLongEnough = output.count >= before.count + behind.count
        let isSame = output.starts(with: before) && output.suffix(behind.count) == behind
        require(isLongEnough && isSame, "more was changed than the model")
        require(JSONGrammar.accepts(output), "with its model the body is not JSON")
        let read = (try? RequestMembers(output))?.modelName
        require(read.map { Array($0.utf8) } == Array(model.utf8), "another model is read than was put in")
    }

    private static func server(_ aliases: [String: String] = [:]) -> Server {
        var server = Server(name: "a", url: "https://a.example/v1")
        server.modelAliases = aliases
        return server
    }

    private static func route(_ model: String?, isFallback: Bool = false, aliases: [String: String] = [:]) -> Route {
        var route = Route(upstream: UpstreamServer(server(aliases)), pathAndQuery: "/x", body: .json(model: model))
        route.isFallback = isFallback
        return route
    }
}

/// The option, as a provider reads it.
private struct Streamed: Decodable {
    struct Options: Decodable {
        let isAsked: Bool

        enum CodingKeys: String, CodingKey { case isAsked = "include_usage" }
    }

    let options: Options

    enum CodingKeys: String, CodingKey { case options = "stream_options" }
}

/// A value that doesn't matter.
private struct Unread: Decodable {
    init(from decoder: any Decoder) {}
}
