import Glibc

/// Lets a thread wait for a test's word.
final class Gate: @unchecked Sendable {
    // A semaphore is made for use from several threads; nothing else is in here.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }
    func pass() { while sem_wait(semaphore) != 0 {} }
}
