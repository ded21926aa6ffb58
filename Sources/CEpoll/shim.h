// Swift's Glibc module includes neither of these headers.
#include <sys/epoll.h>
#include <sys/eventfd.h>
