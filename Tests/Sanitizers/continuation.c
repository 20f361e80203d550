// Annotates for ThreadSanitizer what it cannot see of Swift's continuations.
//
// When a continuation is resumed, Swift's runtime releases the task for the sanitizer. A task that was suspended acquires it when
// it runs again. But a task that is resumed before it reaches its await continues at once, and acquires nothing there: the
// sanitizer then reports a race between what was written before the resumption and what the task does after it. Linked into
// the program, the function below takes precedence over the library's, and acquires the task when it continues at once.
// Nothing is suppressed: what is written after the resumption is still reported.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The sanitizer's own annotation: an acquire on an address orders what was released on it before.
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
// The task continues on its executor, which acquires it.
enum { SWITCHES_EXECUTOR = 1 << 1 };

__attribute__((swiftcall)) extern void *swift_task_getCurrent(void);

// Where the task of this thread continues.
static _Thread_local Resume next;

// Runs in place of the context's own function when the task continues at once, on the same thread, before anything else. A
// suspended task continues with the function that the runtime stored when the continuation was made.
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
