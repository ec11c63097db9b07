#include "kernels.h"
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

VQ_KERNEL void vq_gumbel_noise(float *restrict out, long n, uint32_t key0, uint32_t key1, uint32_t update,
                               uint32_t item, uint32_t draw) {
    uint32_t bits[4 * BLOCKS];
    uint32_t block = 0;
    for (long i = 0; i < n; i += 4 * BLOCKS, block += BLOCKS) {
        words(block, update, item, draw, key0, key1, bits);
        const long count = n - i < 4 * BLOCKS ? n - i : 4 * BLOCKS;
        for (long j = 0; j < count; j++) out[i + j] = -vq_log(-vq_log(open_uniform(bits[j])));
    }
}

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
