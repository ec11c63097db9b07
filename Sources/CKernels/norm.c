#include "activate.h"
#include "kernels.h"
#include "vector_math.h"

VQ_KERNEL void vq_moments(const float *restrict x, long rows, long stride, long channels,
                          double *restrict sum, double *restrict squares) {
    // Sixteen double lanes: the order of summation is fixed, whatever the vector width.
    double s[16] = {0}, q[16] = {0};
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * stride;
        long c = 0;
        for (; c + 16 <= channels; c += 16)
            for (int l = 0; l < 16; l++) {
                const double v = xr[c + l];
                s[l] += v;
                q[l] += v * v;
            }
        for (; c < channels; c++) {
            const double v = xr[c];
            s[0] += v;
            q[0] += v * v;
        }
    }
    for (int l = 0; l < 16; l++) {
        *sum += s[l];
        *squares += q[l];
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

VQ_KERNEL void vq_norm_backward_combine(const float *restrict x, float *restrict du, long rows,
                                        long channels, const float *restrict a, const float *restrict b,
                                        const float *restrict k) {
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * channels;
        float *restrict ur = du + r * channels;
        for (long c = 0; c < channels; c++) ur[c] = ur[c] * a[c] + (xr[c] * b[c] + k[c]);
    }
}
