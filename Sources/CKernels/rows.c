// Loops over rows of candidates: softmax, argmax, nearest codeword, dot products.
#include "kernels.h"
#include "vector_math.h"

enum { LANES = 16 };

VQ_INLINE float noisy(const float *x, const float *noise, long i) {
    return noise ? x[i] + noise[i] : x[i];
}

VQ_INLINE float largest(const float *restrict x, const float *restrict noise, long n) {
    float best[LANES];
    for (int l = 0; l < LANES; l++) best[l] = -INFINITY;
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            const float v = noisy(x, noise, i + l);
            best[l] = v > best[l] ? v : best[l];
        }
    for (; i < n; i++) {
        const float v = noisy(x, noise, i);
        best[0] = v > best[0] ? v : best[0];
    }
    for (int l = 1; l < LANES; l++) best[0] = best[l] > best[0] ? best[l] : best[0];
    return best[0];
}

VQ_INLINE float sum_lanes(const float *lanes) {
    float total = 0.0f;
    for (int l = 0; l < LANES; l++) total += lanes[l];
    return total;
}

VQ_INLINE void softmax(const float *restrict x, const float *restrict noise, float *restrict p, long n,
                       float scale) {
    const float top = largest(x, noise, n);
    float lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            const float e = vq_exp((noisy(x, noise, i + l) - top) * scale);
            p[i + l] = e;
            lanes[l] += e;
        }
    for (; i < n; i++) lanes[0] += p[i] = vq_exp((noisy(x, noise, i) - top) * scale);
    const float inverse = 1.0f / sum_lanes(lanes);
    for (i = 0; i < n; i++) p[i] *= inverse;
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
        for (long r = 0; r < rows; r++) softmax(x + r * n, noise + r * n, p + r * n, n, scale);
    else
        for (long r = 0; r < rows; r++) softmax(x + r * n, 0, p + r * n, n, scale);
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

VQ_KERNEL void vq_nearest_rows(const float *restrict products, const float *restrict norms,
                               int32_t *restrict index, long rows, long n) {
    for (long r = 0; r < rows; r++) {
        const float *restrict pr = products + r * n;
        float best = INFINITY;
        long where = 0;
        for (long v = 0; v < n; v++) {
            const float d = norms[v] - 2.0f * pr[v];
            where = d < best ? v : where;
            best = d < best ? d : best;
        }
        index[r] = (int32_t)where;
    }
}

VQ_KERNEL void vq_dot_products(const float *const *rows_a, long na, const float *const *rows_b, long nb,
                               long n, float *restrict out) {
    for (long a = 0; a < na; a++) {
        const float *restrict x = rows_a[a];
        long b = 0;
        // Four at a time share the loads of x.
        for (; b + 4 <= nb; b += 4) {
            const float *restrict y0 = rows_b[b], *restrict y1 = rows_b[b + 1];
            const float *restrict y2 = rows_b[b + 2], *restrict y3 = rows_b[b + 3];
            float s0[LANES] = {0}, s1[LANES] = {0}, s2[LANES] = {0}, s3[LANES] = {0};
            long i = 0;
            for (; i + LANES <= n; i += LANES)
                for (int l = 0; l < LANES; l++) {
                    s0[l] += x[i + l] * y0[i + l];
                    s1[l] += x[i + l] * y1[i + l];
                    s2[l] += x[i + l] * y2[i + l];
                    s3[l] += x[i + l] * y3[i + l];
                }
            for (; i < n; i++) {
                s0[0] += x[i] * y0[i];
                s1[0] += x[i] * y1[i];
                s2[0] += x[i] * y2[i];
                s3[0] += x[i] * y3[i];
            }
            out[a * nb + b] = sum_lanes(s0);
            out[a * nb + b + 1] = sum_lanes(s1);
            out[a * nb + b + 2] = sum_lanes(s2);
            out[a * nb + b + 3] = sum_lanes(s3);
        }
        for (; b < nb; b++) {
            const float *restrict y = rows_b[b];
            float s[LANES] = {0};
            long i = 0;
            for (; i + LANES <= n; i += LANES)
                for (int l = 0; l < LANES; l++) s[l] += x[i + l] * y[i + l];
            for (; i < n; i++) s[0] += x[i] * y[i];
            out[a * nb + b] = sum_lanes(s);
        }
    }
}

VQ_KERNEL void vq_add_weighted_rows(float *restrict out, const float *const *rows, const float *weight,
                                    long weight_stride, long count, long n) {
    long k = 0;
    for (; k + 4 <= count; k += 4) {
        const float *restrict r0 = rows[k], *restrict r1 = rows[k + 1];
        const float *restrict r2 = rows[k + 2], *restrict r3 = rows[k + 3];
        const float w0 = weight[k * weight_stride], w1 = weight[(k + 1) * weight_stride];
        const float w2 = weight[(k + 2) * weight_stride], w3 = weight[(k + 3) * weight_stride];
        for (long i = 0; i < n; i++) out[i] += (w0 * r0[i] + w1 * r1[i]) + (w2 * r2[i] + w3 * r3[i]);
    }
    for (; k < count; k++) {
        const float *restrict row = rows[k];
        const float w = weight[k * weight_stride];
        for (long i = 0; i < n; i++) out[i] += w * row[i];
    }
}
