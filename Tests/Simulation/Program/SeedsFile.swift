import ArgumentParser
import Glibc

/// The seeds to run first: `Tests/Simulation/seeds.txt`. Each line is a seed, a space, and what it once found.
enum SeedsFile {
    static func read(_ path: String) throws -> [UInt64] {
        guard let file = fopen(path, "r") else {
            throw ValidationError("\(path) can't be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var (line, capacity, number) = (UnsafeMutablePointer<CChar>?.none, 0, 0)
        defer { free(line) }
        var seeds: [UInt64] = []
        while getline(&line, &capacity, file) >= 0, let line {
            number += 1
            let text = String(cString: line)
            guard let first = text.split(whereSeparator: \.isWhitespace).first, first.first != "#" else { continue }
            guard let seed = UInt64(first) else {
                throw ValidationError("\(path), line \(number): this must begin with a seed, such as 17: \(text)")
            }
            seeds.append(seed)
        }
        return seeds
    }
}
