// Philox 4x32-10, and uniform numbers made of its words.
#pragma once
#include "vector_math.h"

VQ_INLINE void philox(uint32_t block, uint32_t update, uint32_t item, uint32_t draw, uint32_t key0,
                      uint32_t key1, uint32_t *out) {
    uint32_t c0 = block, c1 = update, c2 = item, c3 = draw;
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ key0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ key1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

// An odd multiple of 2^-24: neither 0 nor 1 can be drawn, so its logarithms are finite.
VQ_INLINE float open_uniform(uint32_t word) { return ((float)(int32_t)(word >> 9) + 0.5f) * 0x1p-23f; }

enum { BLOCKS = 16 };

// The words of 16 successive counters, in the order of the counters.
VQ_INLINE void words(uint32_t block, uint32_t update, uint32_t item, uint32_t draw, uint32_t key0,
                     uint32_t key1, uint32_t *restrict out) {
    for (int b = 0; b < BLOCKS; b++) philox(block + (uint32_t)b, update, item, draw, key0, key1, out + 4 * b);
}
