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
