import Glibc
import Proxy

/// An open folder that only this process's user can write to.
struct CacheFolder: ~Copyable {
    /// What files take.
    struct Amount {
        var bytes = 0
        var files = 0

        func covers(_ other: Amount) -> Bool { bytes >= other.bytes && files >= other.files }

        mutating func take(_ other: Amount) { (bytes, files) = (bytes - other.bytes, files - other.files) }
    }

    let path: String
    let descriptor: Int32

    /// Opens the folder; nil if it doesn't exist.
    init?(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor < 0 && errno == ENOENT { return nil }
        try self.init(checking: descriptor, path)
    }

    /// Opens the folder, and makes it if it doesn't exist.
    init(making path: String) throws(StoreError) {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw StoreError(at: path, "be made", errno) }
        try self.init(checking: open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path)
    }

    private init(checking descriptor: Int32, _ path: String) throws(StoreError) {
        guard descriptor >= 0 else { throw StoreError(at: path, "be opened", errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o777 == 0o700 else {
            close(descriptor)
            throw StoreError(
                "The cache's folder \(path) must belong to the user \(geteuid()) and have the mode 700, or others could "
                    + "store responses there: remove it, and the proxy makes it anew.", isSilent: false)
        }
        (self.path, self.descriptor) = (path, descriptor)
    }

    deinit { close(descriptor) }

    /// What a file takes on the disk: whole blocks. In bytes.
    static func size(ofFile length: Int) -> Int { (length / 4096 + 1) * 4096 }

    /// Reads a file, and marks it as used. Removes whatever can't be an entry.
    func read(_ name: String, upTo limit: Int) throws(StoreError) -> [UInt8]? {
        // Neither follows a symbolic link nor waits for the other end of a FIFO.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            switch errno {
            case ENOENT: return nil
            // A symbolic link, or a socket.
            case ELOOP, ENXIO: remove(name)
            default: throw StoreError(at: "\(path)/\(name)", "be read", errno)
            }
            return nil
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            remove(name)
            return nil
        }
        futimens(file, nil)
        return try read(file, count: status.st_size, name)
    }

    private func read(_ file: Int32, count: Int, _ name: String) throws(StoreError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            while length < count {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[length..<count])
                let more = Glibc.read(file, rest.baseAddress, rest.count)
                if more < 0 && errno == EINTR { continue }
                if more < 0 { failure = errno }
                guard more > 0 else { break }
                length += more
            }
        }
        if let failure { throw StoreError(at: "\(path)/\(name)", "be read", failure) }
        return bytes
    }

    /// Writes a file in place of an earlier one. Readers see one or the other whole.
    func write(_ bytes: [UInt8], as name: String) throws(StoreError) {
        let temporary = "\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
        let file = openat(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError(at: path, "be written to", errno) }
        var failure = Self.write(bytes, to: file)
        if close(file) != 0 && failure == nil { failure = errno }
        if failure == nil && renameat(descriptor, temporary, descriptor, name) != 0 { failure = errno }
        guard let failure else { return }
        remove(temporary)
        throw StoreError(at: path, "be written to", failure)
    }

    /// - Returns: the error's number.
    private static func write(_ bytes: [UInt8], to file: Int32) -> Int32? {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return written < 0 ? errno : EIO }
                rest = rest.dropFirst(written)
            }
            return nil
        }
    }

    /// Removes a file or an empty folder, if it is there.
    func remove(_ name: String) {
        if unlinkat(descriptor, name, 0) != 0 && errno == EISDIR { unlinkat(descriptor, name, AT_REMOVEDIR) }
    }
}

extension StoreError {
    /// - Parameter action: what can't be done with the file.
    init(at path: String, _ action: String, _ number: Int32) {
        let reason = String(cString: strerror(number))
        let advice =
            switch number {
            case ENOSPC, EDQUOT: "Set settings.cache.tmp_bytes to less than the space that is free."
            case EACCES, EPERM, EROFS: "Give the process's user access to it, or set TMPDIR to another folder."
            case ELOOP, ENOTDIR: "It must be a folder, and no symbolic link: remove it, and the proxy makes it anew."
            case ENOENT: "Make the folder that it is in, or set TMPDIR to another one."
            case EMFILE, ENFILE: "Too many files are open: raise the limit (ulimit -n)."
            default: "Responses aren't cached in it until that changes."
            }
        self.init("\(path), where responses are cached, can't \(action): \(reason). \(advice)", isSilent: false)
    }
}
