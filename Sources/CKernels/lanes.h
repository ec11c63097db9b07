// Sums and maxima of floats in sixteen lanes: their order is fixed, whatever the vector width.
#pragma once
#include "vector_math.h"

enum { LANES = 16 };

VQ_INLINE float sum_lanes(const float *lanes) {
    float total = 0.0f;
    for (int l = 0; l < LANES; l++) total += lanes[l];
    return total;
}

VQ_INLINE float largest_lane(const float *lanes) {
    float best = lanes[0];
    for (int l = 1; l < LANES; l++) best = lanes[l] > best ? lanes[l] : best;
    return best;
}

VQ_INLINE float noisy(const float *x, const float *noise, long i) {
    return noise ? x[i] + noise[i] : x[i];
}

// The largest x + noise, where there is noise; NaN is left out.
VQ_INLINE float largest(const float *restrict x, const float *restrict noise, long n) {
    float best[LANES];
    for (int l = 0; l < LANES; l++) best[l] = -INFINITY;
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            const float v = noisy(x, noise, i + l);
            best[l] = v > best[l] ? v : best[l];
        }
    for (; i < n; i++) {
        const float v = noisy(x, noise, i);
        best[0] = v > best[0] ? v : best[0];
    }
    return largest_lane(best);
}
