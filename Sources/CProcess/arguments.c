#include "CProcess.h"

// Defines __GLIBC__, where it is that library.
#include <limits.h>

static int count;
static char **arguments;

#ifdef __GLIBC__
// glibc calls what runs before `main` with its arguments.
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
    count = argc;
    arguments = argv;
}
#endif

int vq_argument_count(void) { return count; }

char **vq_arguments(void) { return arguments; }
