#define _GNU_SOURCE
#include "harness.h"
#include <sys/pidfd.h>
#include <sys/socket.h>

// The time-out of epoll_wait is in milliseconds, and a chunk takes microseconds.
int harness_wait(int epoll, struct epoll_event *events, int capacity, uint64_t nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return epoll_pwait2(epoll, events, capacity, &timeout, NULL);
}

int harness_pidfd(int process) { return pidfd_open(process, 0); }

int harness_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }
