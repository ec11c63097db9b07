#include "CProcess.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int naming;
// Threads that are about to end the program.
static atomic_int holding;
// Of a thread that gives names.
static _Thread_local int depth;
static _Thread_local void *reserve;

void vq_begin_naming(void) {
    // Far more than names take, and little enough for the allocator to hand it out again itself.
    if (depth == 0) reserve = malloc(1 << 16);
    if (depth++ > 0) return;
    atomic_fetch_add(&naming, 1);
    // Who holds looks at `naming` after it has said so, and this looks the other way round: one of the two sees the other.
    while (atomic_load(&holding) > 0) {
        atomic_fetch_sub(&naming, 1);
        while (atomic_load(&holding) > 0) usleep(10000);
        atomic_fetch_add(&naming, 1);
    }
}

void vq_end_naming(void) {
    if (--depth > 0) return;
    atomic_fetch_sub(&naming, 1);
    free(reserve);
    reserve = NULL;
}

int vq_give_up_reserve(void) {
    if (reserve == NULL) return 0;
    free(reserve);
    reserve = NULL;
    return 1;
}

void vq_hold_names(void) {
    atomic_fetch_add(&holding, 1);
    if (depth > 0) return;
    for (int waits = 0; waits < 1000 && atomic_load(&naming) > 0; waits++) usleep(10000);
}

void vq_release_names(void) { atomic_fetch_sub(&holding, 1); }
