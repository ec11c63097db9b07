#include "activate.h"
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

// Mean and 1 / sqrt(variance + 1e-5) of a row, from sums in double precision.
VQ_INLINE void row_statistics(const float *restrict x, long n, float *restrict mean, float *restrict rstd) {
    double s[LANES] = {0}, q[LANES] = {0}, sum = 0, squares = 0;
    long c = 0;
    for (; c + LANES <= n; c += LANES)
        for (int l = 0; l < LANES; l++) {
            const double v = x[c + l];
            s[l] += v;
            q[l] += v * v;
        }
    for (; c < n; c++) {
        const double v = x[c];
        s[0] += v;
        q[0] += v * v;
    }
    for (int l = 0; l < LANES; l++) {
        sum += s[l];
        squares += q[l];
    }
    const double m = sum / (double)n, difference = squares / (double)n - m * m;
    *mean = (float)m;
    *rstd = (float)(1 / __builtin_sqrt((difference < 0 ? 0 : difference) + 1e-5));  // NaN stays NaN
}

VQ_KERNEL void vq_layer_norm(const float *restrict x, float *restrict y, float *restrict statistics, long rows,
                             long channels, const float *restrict weight, const float *restrict bias,
                             int activation, const float *restrict residual, long residual_stride,
                             float sum_scale) {
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * channels;
        float *restrict yr = y + r * channels;
        float mean, rstd;
        row_statistics(xr, channels, &mean, &rstd);
        if (statistics) {
            statistics[2 * r] = mean;
            statistics[2 * r + 1] = rstd;
        }
#define LOOP(kind)                                                                                         \
    for (long c = 0; c < channels; c++) yr[c] = vq_act((xr[c] - mean) * rstd * weight[c] + bias[c], kind);
        VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
        if (!residual) continue;
        const float *restrict added = residual + r * residual_stride;
        for (long c = 0; c < channels; c++) yr[c] = (yr[c] + added[c]) * sum_scale;
    }
}

VQ_KERNEL void vq_layer_norm_backward(const float *restrict x, const float *restrict dy, float *restrict dx,
                                      const float *restrict statistics, long rows, long channels,
                                      const float *restrict weight, const float *restrict bias, int activation,
                                      float *restrict sum_du, float *restrict sum_dux,
                                      float *restrict dresidual, long residual_stride, float sum_scale) {
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * channels;
        const float *restrict gr = dy + r * channels;
        float *restrict dr = dx + r * channels;
        const float mean = statistics[2 * r], rstd = statistics[2 * r + 1];
        if (dresidual) {
            float *restrict added = dresidual + r * residual_stride;
            for (long c = 0; c < channels; c++) added[c] = gr[c] * sum_scale;
            gr = added;
        }
#define LOOP(kind)                                                                                         \
    for (long c = 0; c < channels; c++) {                                                                  \
        const float normalised = (xr[c] - mean) * rstd;                                                    \
        const float du = gr[c] * vq_slope(normalised * weight[c] + bias[c], kind);                         \
        sum_du[c] += du;                                                                                   \
        sum_dux[c] += du * normalised;                                                                     \
        dr[c] = du * weight[c];                                                                            \
    }
        VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
        float a[LANES] = {0}, b[LANES] = {0};
        long c = 0;
        for (; c + LANES <= channels; c += LANES)
            for (int l = 0; l < LANES; l++) {
                a[l] += dr[c + l];
                b[l] += dr[c + l] * ((xr[c + l] - mean) * rstd);
            }
        for (; c < channels; c++) {
            a[0] += dr[c];
            b[0] += dr[c] * ((xr[c] - mean) * rstd);
        }
        const float mean_du = sum_lanes(a) / (float)channels, mean_dux = sum_lanes(b) / (float)channels;
        for (c = 0; c < channels; c++)
            dr[c] = rstd * (dr[c] - mean_du - (xr[c] - mean) * rstd * mean_dux);
    }
}
