// Annotates for ThreadSanitizer what it cannot see of Swift's Mutex.
//
// Without contention, a Mutex is locked and unlocked by atomic operations in the program's own code, which the sanitizer
// follows. With contention, the lock is handed over in the kernel, by a futex, within the library's two functions below. They
// are not compiled with the sanitizer, so it ignores a contended Mutex. Linked into the program, the two functions here take
// precedence over the library's, call them, and annotate what they did. Nothing is suppressed: an access without the lock is
// still reported.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The sanitizer's own annotations: an acquire on an address orders what was released on it before.
void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void (*LockSlow)(uint32_t thread, SELF);
typedef SWIFT void (*UnlockSlow)(SELF);

static void *library(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

// Synchronization._MutexHandle._lockSlow(UInt32)
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF) {
    ((LockSlow)library(LOCK))(thread, self);
    __tsan_acquire(self);
}

// Synchronization._MutexHandle._unlockSlow()
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
SWIFT void unlock_slow(SELF) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF) {
    __tsan_release(self);
    ((UnlockSlow)library(UNLOCK))(self);
}
