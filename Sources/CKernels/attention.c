// The softmax of attention, of scores that come in blocks of keys.
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

VQ_KERNEL void vq_attention_weights(float *restrict s, long rows, long n, long stride, float scale,
                                    float *restrict top, float *restrict sum, float *restrict factor) {
    for (long r = 0; r < rows; r++) {
        float *restrict sr = s + r * stride;
        const float best = largest(sr, 0, n) * scale, shift = best > top[r] ? best : top[r];
        float lanes[LANES] = {0};
        long i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int l = 0; l < LANES; l++) {
                const float e = vq_exp(sr[i + l] * scale - shift);
                sr[i + l] = e;
                lanes[l] += e;
            }
        for (; i < n; i++) lanes[0] += sr[i] = vq_exp(sr[i] * scale - shift);
        factor[r] = vq_exp(top[r] - shift);
        sum[r] = sum[r] * factor[r] + sum_lanes(lanes);
        top[r] = shift;
    }
}

VQ_INLINE void gradient_row(float *restrict s, float *restrict dp, const float *restrict mask, long n, float scale,
                            float log_sum, float mean) {
    for (long i = 0; i < n; i++) {
        const float p = vq_exp(s[i] * scale - log_sum), kept = mask ? mask[i] : 1.0f;
        s[i] = p * kept;
        dp[i] = p * (dp[i] * kept - mean) * scale;
    }
}

VQ_KERNEL void vq_attention_gradient(float *restrict s, float *restrict dp, const float *restrict mask, long rows,
                                     long n, long stride, float scale, const float *restrict log_sums,
                                     const float *restrict means) {
    // Compiled apart: a test inside the loop would keep it from vectorising.
    if (mask)
        for (long r = 0; r < rows; r++)
            gradient_row(s + r * stride, dp + r * stride, mask + r * stride, n, scale, log_sums[r], means[r]);
    else
        for (long r = 0; r < rows; r++)
            gradient_row(s + r * stride, dp + r * stride, 0, n, scale, log_sums[r], means[r]);
}

VQ_KERNEL void vq_row_products(const float *restrict x, const float *restrict y, long rows, long n, long stride,
                               float *restrict products) {
    for (long r = 0; r < rows; r++) {
        float lanes[LANES] = {0};
        long i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int l = 0; l < LANES; l++) lanes[l] += x[r * stride + i + l] * y[r * stride + i + l];
        for (; i < n; i++) lanes[0] += x[r * stride + i] * y[r * stride + i];
        products[r] = sum_lanes(lanes);
    }
}
