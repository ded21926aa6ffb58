package import HTTPTypes

extension HTTPFields {
    /// What `self[name]` is. That joins the values of a name even where there is one or none: ten times the work, for
    /// each of some twenty looks into the fields of an invocation.
    package func value(of name: HTTPField.Name) -> String? {
        guard contains(name) else { return nil }
        let values = self[values: name]
        return values.count == 1 ? values[0] : self[name]
    }
}
