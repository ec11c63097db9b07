#include "kernels.h"
#include "vector_math.h"

VQ_KERNEL void vq_add(float *restrict y, const float *restrict x, long n) {
    for (long i = 0; i < n; i++) y[i] += x[i];
}

VQ_KERNEL void vq_sum_scale(const float *restrict x, const float *restrict r, float *restrict y, long n,
                            float s) {
    for (long i = 0; i < n; i++) y[i] = (x[i] + r[i]) * s;
}

VQ_KERNEL void vq_scale(float *restrict x, long n, float s) {
    for (long i = 0; i < n; i++) x[i] *= s;
}

VQ_KERNEL void vq_add_scaled(float *restrict y, const float *restrict x, float s, long n) {
    for (long i = 0; i < n; i++) y[i] += s * x[i];
}

VQ_KERNEL double vq_sum_of_squares(const float *restrict x, long n) {
    double q[16] = {0}, total = 0;
    long i = 0;
    for (; i + 16 <= n; i += 16)
        for (int l = 0; l < 16; l++) q[l] += (double)x[i + l] * x[i + l];
    for (; i < n; i++) q[0] += (double)x[i] * x[i];
    for (int l = 0; l < 16; l++) total += q[l];
    return total;
}

VQ_KERNEL long vq_first_non_finite(const float *restrict x, long n) {
    const long block = 1024;
    for (long start = 0; start < n; start += block) {
        const long end = start + block < n ? start + block : n;
        int bad = 0;
        for (long i = start; i < end; i++) bad |= (vq_float_to_bits(x[i]) & 0x7f800000) == 0x7f800000;
        if (!bad) continue;
        for (long i = start; i < end; i++)
            if ((vq_float_to_bits(x[i]) & 0x7f800000) == 0x7f800000) return i;
    }
    return -1;
}

VQ_KERNEL void vq_adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v,
                       long n, float beta1, float rest1, float beta2, float rest2, float epsilon, float step,
                       float decay) {
    for (long i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        p[i] = p[i] * decay - step * (m[i] / (__builtin_elementwise_sqrt(v[i]) + epsilon));
    }
}
