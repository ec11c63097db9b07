// Frames and their candidates: the nearest codeword, scores and their gradients.
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

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
