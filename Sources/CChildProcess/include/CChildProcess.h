#ifndef C_CHILD_PROCESS_H
#define C_CHILD_PROCESS_H

#include <sys/types.h>

/// Starts a program that the kernel kills with SIGKILL when the calling *thread* ends for any reason.
///
/// This is in C because Swift can't call fork() or the variadic prctl(), and posix_spawn() has no attribute for the
/// death signal. The child leads its own process group, reads from /dev/null, and writes stdout and stderr to `output`.
/// It inherits no other descriptors, no ignored signals and no signal mask. Returns the process id, or a negated errno
/// if the program could not be started.
pid_t child_process_start(char *const arguments[], char *const environment[], int output);

#endif
