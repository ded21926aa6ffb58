/// Draws the choices of one life from its seed.
///
/// Each entity (a request, a call to a server, …) draws from a sequence of its own, so that leaving out one doesn't
/// change the others. Zero is always the simplest choice.
package struct Draw {
    private var state: UInt64
    private let entity: UInt32
    private var index: UInt32 = 0
    private let choices: Choices?

    /// - Parameter choices: notes choices, and makes some of them simple; nil to draw them all.
    package init(seed: UInt64, _ choices: Choices? = nil) {
        self.init(state: Self.mixed(seed), entity: 0, choices)
    }

    private init(state: UInt64, entity: UInt32, _ choices: Choices?) {
        (self.state, self.entity, self.choices) = (state, entity, choices)
    }

    /// The draws of an entity.
    package func of(_ kind: Entity, _ number: Int = 0) -> Draw {
        let label = UInt64(kind.rawValue) << 32 | UInt64(UInt32(truncatingIfNeeded: number))
        let mixed = Self.mixed(state ^ Self.mixed(label))
        return Draw(state: mixed, entity: UInt32(truncatingIfNeeded: mixed >> 32), choices)
    }

    /// Any 64 bits. They are never made simple.
    package mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number from 0 up to, but not including, `count`.
    package mutating func pick(_ count: Int) -> Int {
        index &+= 1
        let value = Int(bits().multipliedFullWidth(by: UInt64(max(1, count))).high)
        return choices?.resolve(value, Choice(entity: entity, index: index)) ?? value
    }

    /// True in so many of a hundred cases.
    package mutating func chance(_ percent: Int) -> Bool { pick(100) >= 100 - percent }

    /// A number in a range; its lower bound is the simplest.
    package mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + pick(range.upperBound - range.lowerBound + 1)
    }

    package mutating func one<Element>(of elements: [Element]) -> Element { elements[pick(elements.count)] }

    /// A number from 0 up to, but not including, 1.
    package mutating func fraction() -> Double { Double(pick(1 << 20)) / Double(1 << 20) }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// What draws for itself.
package enum Entity: UInt32 {
    case table, server, key, world, process, request, call, store, order, poll, answer, random, users, user, issuer,
        generation, models, name, folder, flood, embedding, gateway, gatewayCaller, twin
}

/// One choice of a life: the number of a draw of an entity.
package struct Choice: Hashable, Sendable {
    package let entity: UInt32
    package let index: UInt32

    package init(entity: UInt32, index: UInt32) { (self.entity, self.index) = (entity, index) }
}

/// Notes the choices of a life that aren't the simplest, and makes some of them simple.
///
/// `@unchecked Sendable`: used by one life at a time.
package final class Choices: @unchecked Sendable {
    /// All others are made simple. Nil to keep all.
    private let kept: Set<Choice>?
    /// In the order in which they were drawn.
    package private(set) var made: [Choice] = []

    package init(keeping kept: Set<Choice>? = nil) { self.kept = kept }

    func resolve(_ value: Int, _ choice: Choice) -> Int {
        guard value != 0, kept?.contains(choice) ?? true else { return 0 }
        made.append(choice)
        return value
    }
}
