// What ThreadSanitizer does not see of Swift's continuations, told to it.
//
// Whoever resumes a continuation tells the sanitizer so: Swift's runtime releases the task. A task that is resumed after
// it was suspended acquires that when it runs again. But one that is resumed before it came to its await goes on at once,
// and this way alone acquires nothing: so the sanitizer takes what the one wrote before the resumption and what the other
// does after it for a race. Linked into the program, the function below stands before the library's and acquires the task
// where it goes on at once. Nothing is suppressed: what is written after the resumption is still reported.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The sanitizer's own annotation: what was released on an address is seen by who acquires on it.
void __tsan_acquire(void *address);

#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define CONTEXT __attribute__((swift_async_context)) struct Context *context

struct Context;
typedef SWIFT_ASYNC void (*Resume)(CONTEXT);
typedef SWIFT_ASYNC void (*Await)(struct Context *context);

// The beginning of the runtime's ContinuationAsyncContext (swift/ABI/Task.h).
struct Context {
    struct Context *parent;
    Resume resume;
    uintptr_t flags;
};
// It goes on by way of its executor, which acquires the task.
enum { SWITCHES_EXECUTOR = 1 << 1 };

__attribute__((swiftcall)) extern void *swift_task_getCurrent(void);

// Where the task that this thread runs goes on.
static _Thread_local Resume next;

// Runs in place of the context's own function when the task goes on at once, on the same thread, before anything else. A
// task that is suspended first goes on elsewhere: the runtime has kept that function since the continuation was made.
static SWIFT_ASYNC void resume_at_once(CONTEXT) {
    Resume resume = next;
    context->resume = resume;
    __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return resume(context);
}

SWIFT_ASYNC void swift_continuation_await(struct Context *context) {
    Await library = (Await)dlsym(RTLD_NEXT, "swift_continuation_await");
    if (!library) abort();
    if (!(context->flags & SWITCHES_EXECUTOR)) {
        next = context->resume;
        context->resume = resume_at_once;
    }
    __attribute__((musttail)) return library(context);
}
