/// Follows names that lead to other names, as fallbacks and names of models do, and finds chains that don't end.
struct NameChains {
    struct Fault: Error {
        /// The names that were followed, in order.
        let path: [String]
        /// The name in the path to which the last one leads; nil if the path is too long.
        let back: String?
    }

    /// In names. Also bounds the recursion.
    let longest: Int
    let next: (String) -> [String]
    /// Names from which every chain ends. Each is followed once, however many lead to it.
    private var finished: Set<String> = []

    init(longest: Int, next: @escaping (String) -> [String]) { (self.longest, self.next) = (longest, next) }

    mutating func follow(_ name: String, after path: [String] = []) throws(Fault) {
        guard !finished.contains(name) else { return }
        let path = path + [name]
        guard path.count <= longest else { throw Fault(path: path, back: nil) }
        for other in next(name) {
            guard !path.contains(other) else { throw Fault(path: path, back: other) }
            try follow(other, after: path)
        }
        finished.insert(name)
    }

    /// What is wrong, as the end of an error.
    /// - Parameter kind: of the names, in the plural.
    func words(_ fault: Fault, _ kind: String) -> String {
        guard let back = fault.back else { return "form a chain of more than \(longest) \(kind); remove some" }
        let cycle = (fault.path.drop { $0 != back } + [back]).joined(separator: " → ")
        return "form a cycle: \(cycle); remove one of them"
    }
}
