import YAML

/// What this program wants to know of a SAM template: the CORS block of its function URL.
struct Template: Equatable {
    /// Nil if the template configures no CORS.
    var cors: CORSConfiguration?
    /// What was found and could not be used, each a sentence that names its line.
    var warnings: [String] = []

    init(_ text: [UInt8]) throws(YAMLError) {
        guard let root = try YAMLParser.parse(text), let block = Self.corsBlock(in: root) else { return }
        var configuration = CORSConfiguration()
        for entry in block.members {
            let values = values(of: entry, parameters: root["Parameters"])
            switch entry.key {
            case "AllowOrigins": configuration.allowOrigins = values
            case "AllowMethods": configuration.allowMethods = values
            case "AllowHeaders": configuration.allowHeaders = values
            case "ExposeHeaders": configuration.exposeHeaders = values
            case "AllowCredentials": configuration.allowCredentials = values.first?.lowercased() == "true"
            case "MaxAge": configuration.maxAge = values.first.flatMap { Int($0) }
            default: warnings.append("line \(entry.value.line): Cors has no property \(entry.key)")
            }
        }
        cors = configuration
    }

    /// The first function that has one, then the globals of all functions, then a URL that is its own resource.
    private static func corsBlock(in root: YAMLNode) -> YAMLNode? {
        let properties = (root["Resources"]?.members ?? []).compactMap { $0.value["Properties"] }
        return properties.compactMap { $0["FunctionUrlConfig"]?["Cors"] }.first
            ?? root["Globals"]?["Function"]?["FunctionUrlConfig"]?["Cors"]
            ?? properties.filter { $0["TargetFunctionArn"] != nil }.compactMap { $0["Cors"] }.first
    }

    /// The texts that a property holds; a `!Ref` to a parameter stands for the parameter's default.
    private mutating func values(of entry: YAMLNode.Member, parameters: YAMLNode?) -> [String] {
        var items = [entry.value]
        if case .sequence(let list) = entry.value.value, entry.value.tag.isEmpty { items = list }
        return items.flatMap { item -> [String] in
            switch (item.tag, item.value) {
            case ("", .scalar(let text, _)):
                return [text]
            case ("!Ref", .scalar(let name, _)):
                if case .scalar(let text, _) = parameters?[name]?["Default"]?.value {
                    return text.split(separator: ",").map { String($0.drop { $0 == " " }) }
                }
                warnings.append("line \(item.line): !Ref \(name) has no default, so \(entry.key) lacks it here")
                return []
            default:
                warnings.append("line \(item.line): only plain values and !Ref are understood in \(entry.key)")
                return []
            }
        }
    }
}
