#include "activate.h"
#include "kernels.h"
#include "vector_math.h"

VQ_KERNEL void vq_activate(const float *restrict x, float *restrict y, long n, int activation) {
#define LOOP(kind) for (long i = 0; i < n; i++) y[i] = vq_act(x[i], kind);
    VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
}

VQ_KERNEL void vq_activate_backward(const float *restrict x, const float *restrict dy, float *restrict dx,
                                    long n, int activation) {
#define LOOP(kind) for (long i = 0; i < n; i++) dx[i] = dy[i] * vq_slope(x[i], kind);
    VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
}

VQ_KERNEL void vq_log_compress(const float *restrict x, float *restrict y, long n) {
    for (long i = 0; i < n; i++) y[i] = vq_log(1.0f + fabsf(x[i]));
}

VQ_KERNEL void vq_log_compress_backward(const float *restrict x, const float *restrict dy,
                                        float *restrict dx, long n) {
    for (long i = 0; i < n; i++) {
        const float sign = x[i] > 0.0f ? 1.0f : (x[i] < 0.0f ? -1.0f : 0.0f);
        dx[i] = dy[i] * sign / (1.0f + fabsf(x[i]));
    }
}
