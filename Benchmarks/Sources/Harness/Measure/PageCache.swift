import Glibc

/// The kernel's copies of files.
enum PageCache {
    /// What no process has mapped has to be read again.
    static func drop() throws(Fault) {
        sync()
        let descriptor = open("/proc/sys/vm/drop_caches", O_WRONLY)
        defer { close(descriptor) }
        guard write(descriptor, "3", 1) == 1 else { throw Fault("only root can drop the page cache") }
    }
}
