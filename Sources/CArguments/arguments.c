#include "CArguments.h"
#include <stdlib.h>

static int count;
static char **arguments;

// glibc hands the arguments of `main` to what runs before it.
#if defined(__GLIBC__)
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
    count = argc;
    arguments = argv;
}
#endif

int vq_argument_count(void) { return count; }

char **vq_arguments(void) { return arguments; }
