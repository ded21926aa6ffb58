package import HTTPTypes

extension HTTPFields {
    /// What `self[name]` is. That joins the values of a name even where there is one or none: ten times the work, for
    /// each of some twenty looks into the fields of an invocation.
    package func value(of name: HTTPField.Name) -> String? {
        let wanted = name.canonicalName
        let length = wanted.utf8.count
        var found: Int?
        for index in indices {
            // Nearly all differ in their length, which is told without a call.
            let canonical = self[index].name.canonicalName
            guard canonical.utf8.count == length, canonical == wanted else { continue }
            guard found == nil else { return self[name] }
            found = index
        }
        return found.map { self[$0].value }
    }
}

extension [HTTPField.Name] {
    /// What `contains` is, for a short list: without hashes, and mostly by the length alone.
    package func has(_ name: HTTPField.Name) -> Bool {
        let length = name.canonicalName.utf8.count
        return contains { $0.canonicalName.utf8.count == length && $0 == name }
    }
}

extension HTTPField.Name {
    /// A name that is written in the source, so that it is a valid one.
    package static func known(_ name: StaticString) -> HTTPField.Name { HTTPField.Name("\(name)") ?? .trailer }
}
