// sched_getaffinity is an extension, which Swift cannot import.
#define _GNU_SOURCE
#include "CProcess.h"

#include <sched.h>

int vq_usable_cores(void) {
#ifdef CPU_COUNT_S
    // The system refuses a set that is smaller than its own.
    for (int cores = 1024; cores <= 1 << 20; cores *= 2) {
        cpu_set_t *set = CPU_ALLOC(cores);
        if (set == NULL) return 0;
        int count = 0;
        if (sched_getaffinity(0, CPU_ALLOC_SIZE(cores), set) == 0) {
            count = CPU_COUNT_S(CPU_ALLOC_SIZE(cores), set);
        }
        CPU_FREE(set);
        if (count > 0) return count;
    }
#endif
    return 0;
}
