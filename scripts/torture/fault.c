// Makes one system call of the program fail, or kills it there: a library for LD_PRELOAD.
//
//     VQW2V_FAULT=KIND:N:ACTION   at the N-th call of a kind; N+ for it and all later ones
//     VQW2V_FAULT_COUNTS=FILE     gets the number of calls by kind, 8 bytes each in the order of `kinds`
//
// ACTION is the number of an errno, `short` (half of the bytes), `kill`, or `stop` (SIGSTOP). Only regular files and folders
// count, and standard output as a kind of its own; what lies in /proc, /sys and /dev does not.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#undef pread
#undef pwrite

enum kind { OPEN, READ, WRITE, STDOUT, SYNC, RENAME, CLOSE, MKDIR, TRUNCATE, MALLOC, MMAP, NAMING, KINDS };
static const char *const kinds[KINDS] = {"open", "read", "write", "stdout", "sync", "rename",
                                         "close", "mkdir", "truncate", "malloc", "mmap", "naming"};

static _Atomic int64_t own_counts[KINDS];
static _Atomic int64_t *counts = own_counts;
static enum kind faulty = KINDS;
static int64_t first, last;
static enum { FAIL, SHORT, KILL, STOP } action;
static int code;

// The next definition of a function, found at its first call: some are called before any constructor.
#define NEXT(name) \
    static _Atomic(__typeof__(&name)) found; \
    __typeof__(&name) next = atomic_load(&found); \
    if (next == NULL) { \
        next = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        atomic_store(&found, next); \
    }

__attribute__((constructor)) static void begin(void) {
    const char *fault = getenv("VQW2V_FAULT"), *file = getenv("VQW2V_FAULT_COUNTS");
    // Programs that it starts have files of their own.
    if (strcmp(program_invocation_short_name, "vqw2v") != 0) return;
    if (file != NULL) {
        int descriptor = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor >= 0 && ftruncate64(descriptor, sizeof own_counts) == 0) {
            void *shared = mmap64(NULL, sizeof own_counts, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
            if (shared != MAP_FAILED) counts = shared;
        }
    }
    for (int kind = 0; kind < KINDS; kind++) atomic_store(&counts[kind], 0);
    if (fault == NULL) return;
    char name[16] = "", what[16] = "", more = 0;
    if (sscanf(fault, "%15[^:]:%ld%c", name, &first, &more) < 2) return;
    const char *end = strrchr(fault, ':');
    snprintf(what, sizeof what, "%s", end == NULL ? "" : end + 1);
    last = more == '+' ? INT64_MAX : first;
    action = strcmp(what, "short") == 0 ? SHORT : strcmp(what, "kill") == 0 ? KILL : strcmp(what, "stop") == 0 ? STOP : FAIL;
    code = atoi(what);
    for (int kind = 0; kind < KINDS; kind++) if (strcmp(name, kinds[kind]) == 0) faulty = kind;
}

// Counts a call, and says whether it is to fail; `errno` is set then. `size`: bytes to be transferred, which may become
// fewer.
static bool fails_of(enum kind kind, size_t *size) {
    int64_t number = atomic_fetch_add(&counts[kind], 1) + 1;
    if (kind != faulty || number < first || number > last) return false;
    if (action == KILL) kill(getpid(), SIGKILL);
    if (action == STOP) kill(getpid(), SIGSTOP);
    if (action == SHORT && *size > 1) *size /= 2;
    if (action != FAIL) return false;
    errno = code;
    return true;
}

static bool fails(enum kind kind) {
    size_t nothing = 0;
    return fails_of(kind, &nothing);
}

static bool is_file(int descriptor) {
    struct stat status;
    int before = errno;
    bool is = descriptor > STDERR_FILENO && fstat(descriptor, &status) == 0 &&
              (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
    errno = before;
    return is;
}

static bool counts_path(const char *path) {
    return strncmp(path, "/proc", 5) != 0 && strncmp(path, "/sys", 4) != 0 && strncmp(path, "/dev", 4) != 0;
}

#define OPENS(name, parameters, arguments) \
    int name parameters { \
        NEXT(name) \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return counts_path(path) && fails(OPEN) ? -1 : next arguments; \
    }
OPENS(open, (const char *path, int flags, ...), (path, flags, mode))
OPENS(open64, (const char *path, int flags, ...), (path, flags, mode))
OPENS(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENS(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

FILE *fopen(const char *path, const char *mode) {
    NEXT(fopen)
    return counts_path(path) && fails(OPEN) ? NULL : next(path, mode);
}
FILE *fopen64(const char *path, const char *mode) {
    NEXT(fopen64)
    return counts_path(path) && fails(OPEN) ? NULL : next(path, mode);
}
DIR *opendir(const char *path) {
    NEXT(opendir)
    return counts_path(path) && fails(OPEN) ? NULL : next(path);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    NEXT(read)
    if (!is_file(descriptor)) return next(descriptor, bytes, count);
    return fails_of(READ, &count) ? -1 : next(descriptor, bytes, count);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t position) {
    NEXT(pread64)
    if (!is_file(descriptor)) return next(descriptor, bytes, count, position);
    return fails_of(READ, &count) ? -1 : next(descriptor, bytes, count, position);
}
ssize_t pread(int descriptor, void *bytes, size_t count, off_t position) {
    return pread64(descriptor, bytes, count, position);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    NEXT(write)
    enum kind kind = descriptor == STDOUT_FILENO ? STDOUT : WRITE;
    if (kind == WRITE && !is_file(descriptor)) return next(descriptor, bytes, count);
    return fails_of(kind, &count) ? -1 : next(descriptor, bytes, count);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t position) {
    NEXT(pwrite64)
    if (!is_file(descriptor)) return next(descriptor, bytes, count, position);
    return fails_of(WRITE, &count) ? -1 : next(descriptor, bytes, count, position);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t position) {
    return pwrite64(descriptor, bytes, count, position);
}
ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    NEXT(writev)
    return is_file(descriptor) && fails(WRITE) ? -1 : next(descriptor, pieces, count);
}

int fsync(int descriptor) {
    NEXT(fsync)
    return fails(SYNC) ? -1 : next(descriptor);
}
int fdatasync(int descriptor) {
    NEXT(fdatasync)
    return fails(SYNC) ? -1 : next(descriptor);
}

// All that gives a file a name.
int rename(const char *old, const char *new) {
    NEXT(rename)
    return fails(RENAME) ? -1 : next(old, new);
}
int renameat2(int old_folder, const char *old, int new_folder, const char *new, unsigned flags) {
    NEXT(renameat2)
    return fails(RENAME) ? -1 : next(old_folder, old, new_folder, new, flags);
}
int link(const char *old, const char *new) {
    NEXT(link)
    return fails(RENAME) ? -1 : next(old, new);
}
int linkat(int old_folder, const char *old, int new_folder, const char *new, int flags) {
    NEXT(linkat)
    return fails(RENAME) ? -1 : next(old_folder, old, new_folder, new, flags);
}

// The descriptor is gone whatever is returned, as in Linux.
int close(int descriptor) {
    NEXT(close)
    if (!is_file(descriptor) || !fails(CLOSE)) return next(descriptor);
    next(descriptor);
    errno = code;
    return -1;
}
int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir)
    return fails(MKDIR) ? -1 : next(path, mode);
}
int ftruncate64(int descriptor, off64_t length) {
    NEXT(ftruncate64)
    return is_file(descriptor) && fails(TRUNCATE) ? -1 : next(descriptor, length);
}
int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

void *mmap64(void *wish, size_t size, int protection, int flags, int descriptor, off64_t position) {
    NEXT(mmap64)
    return fails(MMAP) ? MAP_FAILED : next(wish, size, protection, flags, descriptor, position);
}
void *mmap(void *wish, size_t size, int protection, int flags, int descriptor, off_t position) {
    return mmap64(wish, size, protection, flags, descriptor, position);
}

// The program has a `malloc` of its own, which asks these of the C library.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// Those after the first name was given are a kind of their own too.
static bool fails_to_allocate(void) {
    bool fails_by_number = fails(MALLOC);
    return (atomic_load(&counts[RENAME]) > 0 && fails(NAMING)) || fails_by_number;
}

void *__libc_malloc(size_t size) {
    NEXT(__libc_malloc)
    return fails_to_allocate() ? NULL : next(size);
}
void *__libc_calloc(size_t count, size_t size) {
    NEXT(__libc_calloc)
    return fails_to_allocate() ? NULL : next(count, size);
}
void *__libc_realloc(void *memory, size_t size) {
    NEXT(__libc_realloc)
    return size > 0 && fails_to_allocate() ? NULL : next(memory, size);
}
void *__libc_memalign(size_t alignment, size_t size) {
    NEXT(__libc_memalign)
    return fails_to_allocate() ? NULL : next(alignment, size);
}
