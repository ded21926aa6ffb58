#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

/// Waits for descriptors, with a timeout in nanoseconds. Returns the number of events, or -1 and errno.
int harness_wait(int epoll, struct epoll_event *events, int capacity, uint64_t nanoseconds);

/// Starts a program that ends with its parent, with its output in a file. Returns the process, or -1.
int harness_spawn(char *const *arguments, char *const *environment, int output);

/// Returns a descriptor that becomes readable when the process has ended, or -1 and errno.
int harness_pidfd(int process);

/// Returns a non-blocking connection, or -1 and errno.
int harness_accept(int listener);
