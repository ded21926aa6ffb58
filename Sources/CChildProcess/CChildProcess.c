#define _GNU_SOURCE
#include "CChildProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// Marks the descriptors instead of closing them, because the pipe that reports a failed exec must stay open until exec
// succeeds.
static void close_inherited_descriptors_on_exec(void) {
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
        return;
    }
    // Kernels before 5.11 and some sandboxes don't support the flag.
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    int last = limit.rlim_cur > 65536 ? 65536 : (int)limit.rlim_cur;
    for (int descriptor = 3; descriptor < last; descriptor++) {
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
}

// Runs between fork and exec in a multithreaded program, so it may make only async-signal-safe calls.
static int prepare_child(pid_t parent, int output) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return errno;
    }
    if (getppid() != parent) {
        _exit(127);  // the parent died before the death signal was armed
    }
    if (setpgid(0, 0) != 0) {
        return errno;
    }
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    int input = open("/dev/null", O_RDONLY);
    if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) {
        return errno;
    }
    close_inherited_descriptors_on_exec();
    return 0;
}

pid_t child_process_start(char *const arguments[], char *const environment[], int output) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        return -errno;
    }
    // Block all signals, so that no handler of this program runs in the child before they are reset.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        int failure = prepare_child(parent, output);
        if (failure == 0) {
            execve(arguments[0], arguments, environment);
            failure = errno;
        }
        ssize_t ignored = write(report[1], &failure, sizeof failure);
        _exit(ignored == sizeof failure ? 126 : 127);
    }
    int failure = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child > 0) {
        ssize_t got;
        do {
            got = read(report[0], &failure, sizeof failure);
        } while (got < 0 && errno == EINTR);
        if (got == (ssize_t)sizeof failure) {
            waitpid(child, NULL, 0);
        }
    }
    close(report[0]);
    return failure == 0 ? child : -failure;
}
