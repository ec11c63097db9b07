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

VQ_KERNEL void vq_norm_backward_combine(const float *restrict x, float *restrict du, long rows,
                                        long channels, const float *restrict a, const float *restrict b,
                                        const float *restrict k) {
    for (long r = 0; r < rows; r++) {
        const float *restrict xr = x + r * channels;
        float *restrict ur = du + r * channels;
        for (long c = 0; c < channels; c++) ur[c] = ur[c] * a[c] + (xr[c] * b[c] + k[c]);
    }
}

VQ_KERNEL void vq_column_sums(const float *restrict x, long rows, long stride, long channels,
                              double *restrict sum) {
    for (long r = 0; r < rows; r++)
        for (long c = 0; c < channels; c++) sum[c] += x[r * stride + c];
}
