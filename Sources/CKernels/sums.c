#include "kernels.h"
#include "vector_math.h"

VQ_KERNEL double vq_sum_of_squares(const float *restrict x, long n) {
    double q[16] = {0}, total = 0;
    long i = 0;
    for (; i + 16 <= n; i += 16)
        for (int l = 0; l < 16; l++) q[l] += (double)x[i + l] * x[i + l];
    for (; i < n; i++) q[0] += (double)x[i] * x[i];
    for (int l = 0; l < 16; l++) total += q[l];
    return total;
}

VQ_KERNEL void vq_column_sums(const float *restrict x, long rows, long stride, long channels,
                              double *restrict sum) {
    for (long r = 0; r < rows; r++)
        for (long c = 0; c < channels; c++) sum[c] += x[r * stride + c];
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
