#include "activate.h"
#include "kernels.h"
#include "vector_math.h"

enum { LANES = 16, FRAMES = 4 };

// y[t][c] = act(scale[c] * sum_j x[t * stride + j] * weight[j][c] + shift[c]) of FRAMES frames, or of one:
// the sums stay in registers, and every value is summed in the same order whatever its place.
VQ_INLINE void waveform_frames(const float *restrict x, int frames, long stride, long kernel,
                               const float *restrict weight, float *restrict y, long y_stride, long channels,
                               const float *restrict scale, const float *restrict shift, int activation) {
    long c = 0;
    for (; c + LANES <= channels; c += LANES) {
        float sum[FRAMES][LANES] = {{0}};
        for (long j = 0; j < kernel; j++)
            for (int f = 0; f < frames; f++)
                for (int l = 0; l < LANES; l++)
                    sum[f][l] += x[f * stride + j] * weight[j * channels + c + l];
        for (int f = 0; f < frames; f++)
            for (int l = 0; l < LANES; l++)
                y[f * y_stride + c + l] = vq_act(sum[f][l] * scale[c + l] + shift[c + l], activation);
    }
    for (; c < channels; c++)
        for (int f = 0; f < frames; f++) {
            float sum = 0.0f;
            for (long j = 0; j < kernel; j++) sum += x[f * stride + j] * weight[j * channels + c];
            y[f * y_stride + c] = vq_act(sum * scale[c] + shift[c], activation);
        }
}

VQ_KERNEL void vq_waveform_block(const float *restrict x, long frames, long stride, long kernel,
                                 const float *restrict weight, float *restrict y, long y_stride, long channels,
                                 const float *restrict scale, const float *restrict shift, int activation) {
    long t = 0;
#define LOOP(kind)                                                                                         \
    for (; t + FRAMES <= frames; t += FRAMES)                                                              \
        waveform_frames(x + t * stride, FRAMES, stride, kernel, weight, y + t * y_stride, y_stride,        \
                        channels, scale, shift, kind);                                                     \
    for (; t < frames; t++)                                                                                \
        waveform_frames(x + t * stride, 1, stride, kernel, weight, y + t * y_stride, y_stride, channels,   \
                        scale, shift, kind);
    VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
}

// Adds what FRAMES frames, or one, contribute to LANES channels from c on.
VQ_INLINE void waveform_frames_backward(const float *restrict x, int frames, long stride, long kernel,
                                        const float *restrict weight, const float *restrict dy, long dy_stride,
                                        long channels, const float *restrict scale,
                                        const float *restrict shift, int activation, float *restrict sum_du, float *restrict sum_dux) {
    float y[FRAMES][LANES] = {{0}}, du[FRAMES][LANES];
    for (long j = 0; j < kernel; j++)
        for (int f = 0; f < frames; f++)
            for (int l = 0; l < LANES; l++) y[f][l] += x[f * stride + j] * weight[j * channels + l];
    for (int f = 0; f < frames; f++)
        for (int l = 0; l < LANES; l++)
            du[f][l] = dy[f * dy_stride + l] * vq_slope(y[f][l] * scale[l] + shift[l], activation);
    for (int f = 0; f < frames; f++)
        for (int l = 0; l < LANES; l++) sum_du[l] += du[f][l];
    for (long j = 0; j < kernel; j++)
        for (int f = 0; f < frames; f++)
            for (int l = 0; l < LANES; l++) sum_dux[j * channels + l] += du[f][l] * x[f * stride + j];
}

VQ_KERNEL void vq_waveform_block_backward(const float *restrict x, long frames, long stride, long kernel,
                                          const float *restrict weight, const float *restrict dy,
                                          long dy_stride, long channels,
                                          const float *restrict scale, const float *restrict shift,
                                          int activation, float *restrict sum_du, float *restrict sum_dux) {
    long c = 0;
#define FRAMES_FROM(t, count, kind)                                                                        \
    waveform_frames_backward(x + (t) * stride, count, stride, kernel, weight + c,                          \
                             dy + (t) * dy_stride + c, dy_stride, channels, scale + c, shift + c, kind,    \
                             sum_du + c, sum_dux + c)
#define LOOP(kind)                                                                                         \
    for (; c + LANES <= channels; c += LANES) {                                                            \
        long t = 0;                                                                                        \
        for (; t + FRAMES <= frames; t += FRAMES) FRAMES_FROM(t, FRAMES, kind);                            \
        for (; t < frames; t++) FRAMES_FROM(t, 1, kind);                                                   \
    }                                                                                                      \
    for (; c < channels; c++)                                                                              \
        for (long t = 0; t < frames; t++) {                                                                \
            const float *restrict window = x + t * stride;                                                 \
            float y = 0.0f;                                                                                \
            for (long j = 0; j < kernel; j++) y += window[j] * weight[j * channels + c];                   \
            const float du = dy[t * dy_stride + c] * vq_slope(y * scale[c] + shift[c], kind);               \
            sum_du[c] += du;                                                                               \
            for (long j = 0; j < kernel; j++) sum_dux[j * channels + c] += du * window[j];                 \
        }
    VQ_FOR_ACTIVATION(LOOP)
#undef LOOP
#undef FRAMES_FROM
}

VQ_KERNEL void vq_window_moments(const float *restrict x, long frames, long stride, long kernel,
                                 double *restrict sum, double *restrict products) {
    for (long t = 0; t < frames; t++) {
        const float *restrict window = x + t * stride;
        for (long j = 0; j < kernel; j++) {
            const double v = window[j];
            sum[j] += v;
            for (long i = 0; i < kernel; i++) products[j * kernel + i] += v * window[i];
        }
    }
}
