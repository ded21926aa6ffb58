#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

/// Waits for descriptors, with a time-out in nanoseconds. The number of events, or -1 and errno.
int harness_wait(int epoll, struct epoll_event *events, int capacity, uint64_t nanoseconds);

/// Starts a program that ends with its parent, with its output in a file. The process, or -1.
int harness_spawn(char *const *arguments, char *const *environment, int output);

/// A descriptor that can be read when the process has ended, or -1 and errno.
int harness_pidfd(int process);

/// A connection that doesn't block, or -1 and errno.
int harness_accept(int listener);
