// An allocation that fails ends the program with a line and its code for failures. Swift's arrays and objects, and some of
// the libraries, have no other answer to it than a trap, and waiting for a thread that cannot be started has no end; so the
// C library's functions are replaced, for the program that links this file and all its libraries, by ones that do not return
// in that case. While files of one output get their names, those come first: what they need is there, and others wait.

// RTLD_NEXT is an extension.
#define _GNU_SOURCE
#include "CMemory.h"
#include "CProcess.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
// These replace the same functions.
#define VQ_HAS_SANITIZER
#endif
#endif

static atomic_bool is_explained = false;

void vq_end_is_explained(void) { atomic_store(&is_explained, true); }

#if defined(__GLIBC__) && !defined(VQ_HAS_SANITIZER)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// Without memory of its own, and without the locks that another thread may hold. Temporary files have no name, so there is
// nothing to be removed; those that are getting theirs are waited for.
static _Noreturn void end(const char *line, int length) {
    static atomic_flag ended = ATOMIC_FLAG_INIT;
    vq_hold_names();
    // Of several threads one has the word.
    while (atomic_flag_test_and_set(&ended)) pause();
    if (!atomic_load(&is_explained) && write(STDERR_FILENO, line, (size_t)length) < 0) { /* Nobody reads it. */ }
    _exit(EXIT_FAILURE);
}

static _Noreturn void end_without_memory(size_t size) {
    char line[256];
    end(line, snprintf(line, sizeof line,
                       "error: not enough memory: %.3g MB more cannot be had; raise the limit (ulimit -v, a container's), "
                       "end other programs, take fewer --threads or, to train, lower data.max_samples\n",
                       (double)size / 1e6));
}

void *malloc(size_t size) {
    void *memory = __libc_malloc(size);
    if (memory == NULL && vq_give_up_reserve()) memory = __libc_malloc(size);
    if (memory == NULL) end_without_memory(size);
    return memory;
}

void *calloc(size_t count, size_t size) {
    void *memory = __libc_calloc(count, size);
    if (memory == NULL && vq_give_up_reserve()) memory = __libc_calloc(count, size);
    if (memory == NULL && count > 0 && size > 0) end_without_memory(size > SIZE_MAX / count ? SIZE_MAX : count * size);
    return memory;
}

void *realloc(void *old, size_t size) {
    void *memory = __libc_realloc(old, size);
    // Nothing was asked for where `old` is to be freed.
    if (memory == NULL && size > 0 && vq_give_up_reserve()) memory = __libc_realloc(old, size);
    if (memory == NULL && size > 0) end_without_memory(size);
    return memory;
}

void *memalign(size_t alignment, size_t size) {
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL && errno == ENOMEM && vq_give_up_reserve()) memory = __libc_memalign(alignment, size);
    if (memory == NULL && errno == ENOMEM) end_without_memory(size);
    return memory;
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **target, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    *target = memalign(alignment, size);
    return *target == NULL ? ENOMEM : 0;
}

typedef int start_thread(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    static _Atomic(start_thread *) original;
    start_thread *create = atomic_load(&original);
    if (create == NULL) {
        create = (start_thread *)dlsym(RTLD_NEXT, "pthread_create");
        if (create == NULL) return ENOSYS;
        atomic_store(&original, create);
    }
    // A second for others to end theirs.
    int code = EAGAIN;
    for (int attempt = 0; attempt < 20; attempt++) {
        code = create(thread, attributes, body, argument);
        if (code != EAGAIN) return code;
        usleep(50000);
    }
    char line[256];
    end(line, snprintf(line, sizeof line,
                       "error: no further thread can be started: raise the limits of memory and of processes "
                       "(ulimit -v, ulimit -u), or take fewer --threads\n"));
}

#endif
