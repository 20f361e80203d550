#pragma once
// What the acceptor in front of libfcgi needs of Linux and Swift's Glibc module leaves out: epoll and eventfd, which it
// does not include, and the GNU extensions, which it hides because it is built without _GNU_SOURCE.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

/// accept4(2): the flags are set before another thread can fork.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// memfd_create(2): a file that is only memory, so reading and writing it never waits.
extern int memfd_create(const char *name, unsigned int flags);

/// MFD_CLOEXEC of memfd_create(2), which stands in a header that needs _GNU_SOURCE.
static const unsigned int CFastCGI_MFD_CLOEXEC = 1U;

/// struct ucred of unix(7), as SO_PEERCRED fills it.
struct CFastCGI_credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};
