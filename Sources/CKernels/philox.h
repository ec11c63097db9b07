// Philox 4x32-10, and uniform numbers made of its words.
#pragma once
#include "vector_math.h"

// An odd multiple of 2^-24: neither 0 nor 1 can be drawn, so its logarithms are finite.
VQ_INLINE float open_uniform(uint32_t word) { return ((float)(int32_t)(word >> 9) + 0.5f) * 0x1p-23f; }

enum { BLOCKS = 16 };

// The words of 16 successive counters, in the order of the counters. Each word has 64 bits to itself, of which the upper
// half is anything: products do not read it, so that nothing is moved between lanes before the end.
VQ_INLINE void words(uint32_t block, uint32_t update, uint32_t item, uint32_t draw, uint32_t key0,
                     uint32_t key1, uint32_t *restrict out) {
    uint64_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];
    for (int b = 0; b < BLOCKS; b++) {
        c0[b] = block + (uint32_t)b;
        c1[b] = update;
        c2[b] = item;
        c3[b] = draw;
    }
#pragma clang loop unroll(full)
    for (int round = 0; round < 10; round++) {
        for (int b = 0; b < BLOCKS; b++) {
            const uint64_t p0 = 0xD2511F53u * (c0[b] & 0xFFFFFFFFu), p1 = 0xCD9E8D57u * (c2[b] & 0xFFFFFFFFu);
            c0[b] = (p1 >> 32) ^ c1[b] ^ key0;
            c2[b] = (p0 >> 32) ^ c3[b] ^ key1;
            c1[b] = p1;
            c3[b] = p0;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (int b = 0; b < BLOCKS; b++) {
        out[4 * b] = (uint32_t)c0[b];
        out[4 * b + 1] = (uint32_t)c1[b];
        out[4 * b + 2] = (uint32_t)c2[b];
        out[4 * b + 3] = (uint32_t)c3[b];
    }
}
