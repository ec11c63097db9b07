#include "kernels.h"
#include "philox.h"
#include "vector_math.h"

VQ_KERNEL void vq_dropout(const float *restrict x, float *restrict y, long n, float rate, uint32_t key0,
                          uint32_t key1, uint32_t update, uint32_t item, uint32_t draw) {
    const float keep_scale = 1.0f / (1.0f - rate);
    uint32_t bits[4 * BLOCKS];
    uint32_t block = 0;
    for (long i = 0; i < n; i += 4 * BLOCKS, block += BLOCKS) {
        words(block, update, item, draw, key0, key1, bits);
        const long count = n - i < 4 * BLOCKS ? n - i : 4 * BLOCKS;
        for (long j = 0; j < count; j++)
            y[i + j] = open_uniform(bits[j]) < rate ? 0.0f : x[i + j] * keep_scale;
    }
}
