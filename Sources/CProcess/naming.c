#include "CProcess.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int naming;
// Of a thread that gives names.
static _Thread_local int depth;
static _Thread_local void *reserve;

void vq_begin_naming(void) {
    if (depth++ > 0) return;
    // Far more than names take, and little enough for the allocator to hand it out again itself.
    reserve = malloc(1 << 16);
    atomic_fetch_add(&naming, 1);
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

void vq_await_names(void) {
    if (depth > 0) return;
    for (int waits = 0; waits < 1000 && atomic_load(&naming) > 0; waits++) usleep(10000);
}
