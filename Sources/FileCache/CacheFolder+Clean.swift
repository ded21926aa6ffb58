import Glibc
import Proxy

extension CacheFolder {
    private struct File {
        let name: String
        let size: Int
        /// In nanoseconds since 1970.
        let used: Int64
    }

    /// Removes the files that weren't used for the longest time until the others take no more than an amount, and what
    /// crashed processes have left behind.
    func clean(downTo most: Amount) throws(StoreError) {
        var files = try entries()
        var amount = files.reduce(into: Amount()) { $0.take(Amount(bytes: -$1.size, files: -1)) }
        guard !most.covers(amount) else { return }
        files.sort { $0.used < $1.used }
        for file in files where !most.covers(amount) {
            remove(file.name)
            amount.take(Amount(bytes: file.size, files: 1))
        }
    }

    /// The entries. Removes whatever else is in the folder, except for files that may still be written.
    private func entries() throws(StoreError) -> [File] {
        var files: [File] = []
        try forEachName { name in
            guard let status = status(of: name) else { return }
            let used = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
            let isEntry = status.st_mode & S_IFMT == S_IFREG && !name.hasSuffix(".tmp")
            if isEntry || status.st_mtim.tv_sec > time(nil) - Self.longestWrite {
                files.append(File(name: name, size: Self.size(ofFile: status.st_size), used: used))
            } else {
                remove(name)
            }
        }
        return files
    }

    private func status(of name: String) -> stat? {
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    private func forEachName(_ body: (String) -> Void) throws(StoreError) {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw StoreError(at: path, "be read", errno) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw StoreError(at: path, "be read", errno)
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { body(name) }
        }
    }

    /// An unfinished file that is older was left behind by a crash. In seconds.
    private static let longestWrite = 60
}
