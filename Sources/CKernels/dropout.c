#include "kernels.h"
#include "philox.h"
#include "vector_math.h"

enum { WORDS = 4 * BLOCKS };

long vq_dropout_unit(void) { return WORDS; }

long vq_dropout_row(long width) { return (width + WORDS - 1) / WORDS * BLOCKS; }

VQ_KERNEL void vq_dropout(const float *x, float *y, long n, float rate, uint32_t key0, uint32_t key1,
                          uint32_t update, uint32_t item, uint32_t draw, long first_block) {
    const float keep_scale = 1.0f / (1.0f - rate);
    uint32_t bits[WORDS];
    uint32_t block = (uint32_t)first_block;
    for (long i = 0; i < n; i += WORDS, block += BLOCKS) {
        words(block, update, item, draw, key0, key1, bits);
        const long count = n - i < WORDS ? n - i : WORDS;
#pragma clang loop vectorize(assume_safety)
        for (long j = 0; j < count; j++)
            y[i + j] = open_uniform(bits[j]) < rate ? 0.0f : x[i + j] * keep_scale;
    }
}
