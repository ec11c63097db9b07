// Softmax and argmax of rows.
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

// p may be x. Returns the sum of the exponentials, of values that are shifted so that `top` is 0.
VQ_INLINE float softmax(const float *x, const float *noise, float *p, long n, float scale, float top) {
    float lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= n; i += LANES)
#pragma clang loop vectorize(assume_safety)
        for (int l = 0; l < LANES; l++) {
            const float e = vq_exp((noisy(x, noise, i + l) - top) * scale);
            p[i + l] = e;
            lanes[l] += e;
        }
    for (; i < n; i++) lanes[0] += p[i] = vq_exp((noisy(x, noise, i) - top) * scale);
    const float sum = sum_lanes(lanes), inverse = 1.0f / sum;
    for (i = 0; i < n; i++) p[i] *= inverse;
    return sum;
}

VQ_INLINE int32_t argmax(const float *restrict x, const float *restrict noise, long n) {
    const float top = largest(x, noise, n);
    long i = 0;
    while (i < n - 1 && noisy(x, noise, i) != top) i++;
    return (int32_t)i;
}

// With and without noise are compiled apart: a test inside the loops would keep them from vectorising.
VQ_KERNEL void vq_softmax_rows(const float *restrict x, const float *restrict noise, float *restrict p,
                               long rows, long n, float scale) {
    if (noise)
        for (long r = 0; r < rows; r++) softmax(x + r * n, noise + r * n, p + r * n, n, scale, largest(x + r * n, noise + r * n, n));
    else
        for (long r = 0; r < rows; r++) softmax(x + r * n, 0, p + r * n, n, scale, largest(x + r * n, 0, n));
}

VQ_KERNEL double vq_softmax_loss(const float *restrict logits, float *restrict gradient, long rows,
                                 long copies) {
    double total = 0.0;
    for (long r = 0; r < rows; r++) {
        const float *restrict x = logits + r * copies;
        float *restrict p = gradient + r * copies;
        const float top = largest(x, 0, copies);
        const float sum = softmax(x, 0, p, copies, 1.0f, top);
        double others = 0.0;
        for (long i = 1; i < copies; i++) others += (double)p[i];
        // -log p[0], by what p[0] lacks of 1 where that is little.
        total += others < 0.5 ? -log1p(-others) : log((double)sum) + ((double)top - (double)x[0]);
        p[0] = (float)(others < 0.5 ? -others : (double)p[0] - 1.0);
    }
    return total;
}

VQ_KERNEL void vq_argmax_rows(const float *restrict x, const float *restrict noise,
                              int32_t *restrict index, long rows, long n) {
    if (noise)
        for (long r = 0; r < rows; r++) index[r] = argmax(x + r * n, noise + r * n, n);
    else
        for (long r = 0; r < rows; r++) index[r] = argmax(x + r * n, 0, n);
}

VQ_KERNEL void vq_softmax_backward_rows(const float *restrict p, const float *dp, float *dx, long rows,
                                        long n, float scale) {
    for (long r = 0; r < rows; r++) {
        const float *restrict pr = p + r * n;
        float lanes[LANES] = {0};
        long i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int l = 0; l < LANES; l++) lanes[l] += pr[i + l] * dp[r * n + i + l];
        for (; i < n; i++) lanes[0] += pr[i] * dp[r * n + i];
        const float mean = sum_lanes(lanes);
#pragma clang loop vectorize(assume_safety)
        for (i = 0; i < n; i++) dx[r * n + i] = scale * pr[i] * (dp[r * n + i] - mean);
    }
}
