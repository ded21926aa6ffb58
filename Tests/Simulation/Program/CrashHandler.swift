import Glibc

/// Tells the seed of a life that crashes.
enum CrashHandler {
    static func install() {
        // Initialized here, because a handler must not.
        _ = RunningLives.all
        var action = sigaction()
        // A stack that has overflowed can't run a handler. The second time, the signal ends the program.
        action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { signal in
            if let seed = RunningLives.ofThisThread { CrashHandler.tell(seed) }
            raise(signal)
        }
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] { sigaction(signal, &action, nil) }
    }

    /// Gives the calling thread a stack for the handler.
    static func prepareThread() {
        let size = 64 * 1024
        var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
        sigaltstack(&stack, nil)
    }

    /// Calls only functions that a signal's handler may call.
    private static func tell(_ seed: UInt64) {
        write("\nA life crashes. To see it: make simulate SEED=")
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var (rest, start) = (seed, digits.count)
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            let written = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: digits[start...]))
            _ = Glibc.write(STDERR_FILENO, written.baseAddress, written.count)
        }
        write("\n")
    }

    private static func write(_ text: StaticString) {
        _ = Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
