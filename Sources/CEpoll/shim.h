// Swift's Glibc module has neither.
#include <sys/epoll.h>
#include <sys/eventfd.h>
