#define _GNU_SOURCE
#include "harness.h"
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// The timeout of epoll_wait is in milliseconds, and a chunk takes microseconds.
int harness_wait(int epoll, struct epoll_event *events, int capacity, uint64_t nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return epoll_pwait2(epoll, events, capacity, &timeout, NULL);
}

int harness_pidfd(int process) { return pidfd_open(process, 0); }

int harness_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

// vfork copies no page tables, so only the program's own start is measured. Until it execs, it makes only system calls.
int harness_spawn(char *const *arguments, char *const *environment, int output) {
    volatile int failure = 0;
    pid_t parent = getpid(), process = vfork();
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent && dup2(output, 1) == 1 && dup2(output, 2) == 2) execve(arguments[0], arguments, environment);
        failure = 1;
        _exit(127);
    }
    if (process > 0 && failure) waitpid(process, NULL, 0);
    return failure ? -1 : process;
}
