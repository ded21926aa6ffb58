import Glibc

/// Lets a thread wait for a signal from the test.
package final class Gate: @unchecked Sendable {
    // A semaphore may be used from several threads, and there is no other state.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func open() { sem_post(semaphore) }
    package func pass() { while sem_wait(semaphore) != 0 {} }
    /// Takes a signal if there is one.
    package func passIfOpen() -> Bool { sem_trywait(semaphore) == 0 }
}
