#include "kernels.h"
#include "philox.h"
#include "vector_math.h"

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
