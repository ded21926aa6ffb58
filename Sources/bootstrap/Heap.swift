import CMalloc

/// How much of what was freed the heap keeps.
enum Heap {
    /// By default glibc gives the heap's end back to the kernel as soon as 128 KB are free there. A transfer's buffers are
    /// more, so each request took new pages and gave them back: three calls of the kernel, and a page fault for each page.
    static func keepForNextRequest() {
        mallopt(M_TRIM_THRESHOLD, keptAtMost)
        // Once a threshold is set, glibc no longer learns this one: prompts of a megabyte are as usual as those of a line.
        mallopt(M_MMAP_THRESHOLD, keptAtMost)
    }

    private static let keptAtMost: Int32 = 2 * 1024 * 1024
}
