import Glibc
import Proxy
import Testing

@testable import FileCache

@Suite struct FileCacheTests {
    private static let limit = 1_000_000

    private static func key(_ number: UInt8) -> CacheKey { CacheKey(Array(repeating: number, count: 32)) }

    private static func name(_ number: UInt8) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: digits.count == 1 ? "0" + digits : digits, count: 32)
    }

    /// Blocks of 4096 bytes: an entry that takes so many.
    private static func entry(_ blocks: Int) -> [UInt8] { Array(repeating: 7, count: blocks * 4096 - 1) }

    /// A folder of the test's own, removed at its end.
    private final class Place {
        let parent: String
        var folder: String { parent + "/cache" }

        init() {
            var template = Array("/tmp/file-cache-XXXXXX".utf8CString)
            _ = mkdtemp(&template)
            parent = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit { removeAll(parent) }

        func removeAll(_ path: String) {
            for name in names(path) where unlink(path + "/" + name) != 0 { removeAll(path + "/" + name) }
            rmdir(path)
        }

        func names(_ path: String? = nil) -> [String] {
            guard let stream = opendir(path ?? folder) else { return [] }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { names.append(name) }
            }
            return names.sorted()
        }

        func put(_ name: String, age: Int = 0) {
            let file = open(folder + "/" + name, O_WRONLY | O_CREAT, 0o600)
            Glibc.write(file, "x", 1)
            close(file)
            setAge(name, age)
        }

        /// - Parameter age: in seconds.
        func setAge(_ name: String, _ age: Int) {
            let moment = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
            utimensat(AT_FDCWD, folder + "/" + name, [moment, moment], 0)
        }
    }

    @Test("An entry is read as it was written, by another process too, until it is replaced or removed")
    func keeps() throws {
        let place = Place()
        let cache = FileCache(folder: place.folder, capacity: 1 << 20)
        #expect(try cache.read(Self.key(1), upTo: Self.limit) == nil)
        try cache.remove(Self.key(1))
        #expect(place.names(place.parent) == [])
        for entry in [[], [1], Array(repeating: 3, count: 100_000)] as [[UInt8]] {
            try cache.write(entry, for: Self.key(1), expires: 0, within: nil)
            #expect(try cache.read(Self.key(1), upTo: Self.limit) == entry)
            #expect(try FileCache(folder: place.folder, capacity: 1).read(Self.key(1), upTo: Self.limit) == entry)
        }
        #expect(place.names() == [Self.name(1)])
        var status = stat()
        #expect(stat(place.folder, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(place.folder + "/" + Self.name(1), &status) == 0 && status.st_mode & 0o777 == 0o600)
        try cache.remove(Self.key(1))
        #expect(try cache.read(Self.key(1), upTo: Self.limit) == nil)
    }

    @Test("What can't be an entry is removed, neither followed nor waited for", arguments: 0..<5)
    func removes(kind: Int) throws {
        let place = Place()
        let cache = FileCache(folder: place.folder, capacity: 1 << 20)
        let path = place.folder + "/" + Self.name(1)
        mkdir(place.folder, 0o700)
        switch kind {
        case 0: symlink("/etc/hostname", path)
        case 1: mkfifo(path, 0o600)
        case 2: mkdir(path, 0o700)
        case 3: symlink("nowhere", path)
        default: try cache.write(Array(repeating: 1, count: 11), for: Self.key(1), expires: 0, within: nil)
        }
        #expect(try cache.read(Self.key(1), upTo: 10) == nil)
        #expect(place.names() == [])
        #expect(access("/etc/hostname", F_OK) == 0)
    }

    @Test("The files that weren't used for the longest time are removed, and the capacity is kept")
    func evicts() throws {
        let place = Place()
        let cache = FileCache(folder: place.folder, capacity: 16 * 4096)
        for number in 1...60 as ClosedRange<UInt8> {
            try cache.write(Self.entry(1), for: Self.key(number), expires: 0, within: nil)
            place.setAge(Self.name(number), 1000 - Int(number))
            // The first is used all the time.
            #expect(try cache.read(Self.key(1), upTo: Self.limit) != nil)
            #expect(place.names().count <= 16)
        }
        #expect(place.names().count >= 14)
        #expect(place.names().contains(Self.name(60)) && !place.names().contains(Self.name(30)))
        try cache.write(Self.entry(16), for: Self.key(99), expires: 0, within: nil)
        #expect(place.names() == [Self.name(99)])
        try cache.write(Self.entry(17), for: Self.key(98), expires: 0, within: nil)
        #expect(place.names() == [Self.name(99)])
    }

    @Test("Two processes with one folder exceed the capacity by an eighth at most")
    func shares() throws {
        let place = Place()
        let caches = [1, 2].map { _ in FileCache(folder: place.folder, capacity: 16 * 4096) }
        for number in 1...100 as ClosedRange<UInt8> {
            try caches[Int(number) % 2].write(Self.entry(1), for: Self.key(number), expires: 0, within: nil)
            #expect(place.names().count <= 18)
        }
    }

    @Test("What a crash left behind is removed, but not what another process may be writing")
    func cleans() throws {
        let place = Place()
        mkdir(place.folder, 0o700)
        place.put("1.tmp", age: 100)
        place.put("2.tmp")
        try FileCache(folder: place.folder, capacity: 1 << 20).write([1], for: Self.key(1), expires: 0, within: nil)
        #expect(place.names() == [Self.name(1), "2.tmp"])
    }

    @Test("A folder that others could write to isn't used", arguments: [0o777, 0o755, 0o770] as [mode_t])
    func distrusts(mode: mode_t) throws {
        let place = Place()
        let cache = FileCache(folder: place.folder, capacity: 1 << 20)
        mkdir(place.folder, 0o700)
        chmod(place.folder, mode)
        try Self.expectFailures(of: cache, saying: "have the mode 700")
        #expect(place.names() == [])
        chmod(place.folder, 0o700)
        try cache.write([1], for: Self.key(1), expires: 0, within: nil)
    }

    @Test(
        "A folder of another user isn't used",
        .enabled(if: geteuid() == 0, "only root can give a folder to another user"))
    func distrustsOwner() throws {
        let place = Place()
        mkdir(place.folder, 0o700)
        chown(place.folder, 65534, 65534)
        try Self.expectFailures(of: FileCache(folder: place.folder, capacity: 1 << 20), saying: "belong to the user 0")
    }

    @Test("A symbolic link or a file in place of the folder is an error, until it is gone", arguments: [true, false])
    func needsFolder(isLink: Bool) throws {
        let place = Place()
        let cache = FileCache(folder: place.folder, capacity: 1 << 20)
        if isLink { symlink("/tmp", place.folder) } else { close(creat(place.folder, 0o600)) }
        try Self.expectFailures(of: cache, saying: "no symbolic link")
        unlink(place.folder)
        try cache.write([1], for: Self.key(1), expires: 0, within: nil)
        #expect(try cache.read(Self.key(1), upTo: Self.limit) == [1])
    }

    @Test("A folder that was removed is made anew; without the one above it that is an error")
    func makesAnew() throws {
        let place = Place()
        let cache = FileCache(folder: place.folder, capacity: 1 << 20)
        for _ in 1...2 {
            try cache.write([1], for: Self.key(1), expires: 0, within: nil)
            place.removeAll(place.folder)
            #expect(try cache.read(Self.key(1), upTo: Self.limit) == nil)
        }
        let lost = FileCache(folder: place.parent + "/away/cache", capacity: 1 << 20)
        let error = #expect(throws: StoreError.self) {
            try lost.write([1], for: Self.key(1), expires: 0, within: nil)
        }
        #expect(error?.detail.contains("set TMPDIR") == true && error?.isSilent == false)
    }

    private static func expectFailures(of cache: FileCache, saying text: String) throws {
        let errors = [
            #expect(throws: StoreError.self) { try cache.read(key(1), upTo: limit) },
            #expect(throws: StoreError.self) { try cache.write([1], for: key(1), expires: 0, within: nil) },
            #expect(throws: StoreError.self) { try cache.remove(key(1)) },
        ]
        for error in errors { #expect(error?.detail.contains(text) == true && error?.isSilent == false) }
    }
}
