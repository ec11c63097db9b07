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

VQ_KERNEL void vq_scale_shift_activate(const float *restrict x, float *restrict y, long rows, long channels,
                                       const float *restrict scale, const float *restrict shift,
                                       int activation, const float *restrict residual, long residual_stride,
                                       float sum_scale) {
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * channels;
        float *restrict yr = y + r * channels;
#define LOOP(kind) for (long c = 0; c < channels; c++) yr[c] = vq_act(xr[c] * scale[c] + shift[c], kind);
        VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
        if (!residual) continue;
        const float *restrict added = residual + r * residual_stride;
        for (long c = 0; c < channels; c++) yr[c] = (yr[c] + added[c]) * sum_scale;
    }
}

VQ_KERNEL void vq_norm_backward_sums(const float *restrict x, const float *restrict dy, float *restrict du,
                                     long rows, long channels, const float *restrict scale,
                                     const float *restrict shift, const float *restrict rstd,
                                     const float *restrict offset, int activation, float *restrict sum_du,
                                     float *restrict sum_dux, float *restrict dresidual,
                                     long residual_stride, float sum_scale) {
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * channels;
        const float *restrict gr = dy + r * channels;
        float *restrict ur = du + r * channels;
        if (dresidual) {
            float *restrict dr = dresidual + r * residual_stride;
            for (long c = 0; c < channels; c++) dr[c] = gr[c] * sum_scale;
            gr = dr;
        }
#define LOOP(kind)                                                                                         \
    for (long c = 0; c < channels; c++) {                                                                  \
        const float u = gr[c] * vq_slope(xr[c] * scale[c] + shift[c], kind);                       \
        ur[c] = u;                                                                                         \
        sum_du[c] += u;                                                                                    \
        sum_dux[c] += u * (xr[c] * rstd[c] + offset[c]);                                                   \
    }
        VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
    }
}
