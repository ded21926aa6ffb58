import CMalloc

/// How much of what was freed the heap keeps.
enum Heap {
    /// By default glibc gives the heap's end back to the kernel as soon as 128 KB are free there. A transfer's buffers are
    /// more, so each request took new pages and gave them back: three calls of the kernel, and a page fault for each page.
    static func keepForNextRequest() {
        mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024)
        // More than a transfer's buffers. Longer prompts go back to the kernel at once: in the heap, what lives longer
        // pins them. After 60 prompts of 1.5 MB at once 33 MB stayed resident, with 2 MB here 102 MB.
        mallopt(M_MMAP_THRESHOLD, 512 * 1024)
    }
}
