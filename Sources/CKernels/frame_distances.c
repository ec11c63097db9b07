// Distances of frames from their products, and anew where rounding leaves too little of them.
#include "kernels.h"
#include "vector_math.h"

// Unlike sqrtf it does not set errno, so that loops over it are vectorised.
#define vq_sqrt(x) __builtin_elementwise_sqrt(x)

// arccos(x) for x in [-1, 1], absolute error below 3e-7: asin(r) = r + r^3 R(r^2) for r <= 1/2, and beyond
// acos(x) = 2 asin(sqrt((1 - x) / 2)).
VQ_INLINE float vq_acos(float x) {
    const float a = x < 0.0f ? -x : x;
    const int large = a > 0.5f;
    const float half = 0.5f * (1.0f - a);
    const float s = large ? half : a * a;
    const float r = large ? vq_sqrt(half) : a;
    float q = 0.03751647705263963f;
    q = q * s + 0.014438586688805861f;
    q = q * s + 0.031807722790431224f;
    q = q * s + 0.04451695474411901f;
    q = q * s + 0.07500504185984028f;
    q = q * s + 0.16666659991281563f;
    const float asin = r + r * s * q;
    const float positive = large ? 2.0f * asin : 1.57079633f - asin;
    return x < 0.0f ? 3.14159265f - positive : positive;
}

// The square of |a x - b y|.
VQ_INLINE float squared_difference(const float *restrict x, const float *restrict y, long n, float a, float b) {
    float s[16] = {0}, total = 0;
    long i = 0;
    for (; i + 16 <= n; i += 16)
        for (int l = 0; l < 16; l++) {
            const float d = a * x[i + l] - b * y[i + l];
            s[l] += d * d;
        }
    for (; i < n; i++) {
        const float d = a * x[i] - b * y[i];
        s[0] += d * d;
    }
    for (int l = 0; l < 16; l++) total += s[l];
    return total;
}

VQ_KERNEL void vq_angular_distances(float *restrict d, long columns, const float *restrict x, const float *restrict y,
                                    long dimensions, float scale, const float *restrict scales) {
    const float close = 0.999f, over_pi = 0.318309886f;
    int found = 0;
    for (long j = 0; j < columns; j++) {
        float c = d[j] * scale * scales[j];
        c = c > 1.0f ? 1.0f : c < -1.0f ? -1.0f : c;
        found |= c > close;
        d[j] = vq_acos(c) * over_pi;
    }
    if (!found) return;
    // cos 0.999 is 0.0447 rad.
    for (long j = 0; j < columns; j++)
        if (d[j] < 0.01424f) {
            const float s = squared_difference(x, y + j * dimensions, dimensions, scale, scales[j]);
            d[j] = 2.0f * asinf(0.5f * sqrtf(s)) * over_pi;
        }
}

VQ_KERNEL void vq_euclidean_distances(float *restrict d, long columns, const float *restrict x,
                                      const float *restrict y, long dimensions, float square,
                                      const float *restrict squares) {
    const float close = 0.05f;
    for (long j = 0; j < columns; j++) {
        const float sum = square + squares[j], s = sum - 2.0f * d[j];
        // What is to be computed anew is marked by its sign.
        d[j] = s > close * sum ? vq_sqrt(s) : -1.0f;
    }
    for (long j = 0; j < columns; j++)
        if (d[j] < 0.0f) d[j] = sqrtf(squared_difference(x, y + j * dimensions, dimensions, 1.0f, 1.0f));
}

// Frames are p and ln(p + 1e-6) side by side; of y the logarithm comes first.
VQ_KERNEL void vq_divergences(float *restrict d, long columns, const float *restrict x, const float *restrict y,
                              long dimensions, float self, const float *restrict selves) {
    const float close = 0.01f;
    for (long j = 0; j < columns; j++) {
        const float s = 0.5f * (self + selves[j] - d[j]);
        const float size = self < 0.0f ? -self : self;
        if (s > close * size) {
            d[j] = s;
            continue;
        }
        const float *restrict other = y + 2 * j * dimensions;
        double sum = 0;
        for (long i = 0; i < dimensions; i++)
            sum += (double)(x[i] - other[dimensions + i]) * (x[dimensions + i] - other[i]);
        d[j] = (float)(0.5 * sum);
    }
}
