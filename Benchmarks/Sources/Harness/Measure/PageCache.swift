import Glibc

/// The kernel's cache of files.
enum PageCache {
    /// Drops the cache, except for what a process has mapped.
    static func drop() throws(Fault) {
        sync()
        let descriptor = open("/proc/sys/vm/drop_caches", O_WRONLY)
        defer { close(descriptor) }
        guard write(descriptor, "3", 1) == 1 else { throw Fault("only root can drop the page cache") }
    }
}
