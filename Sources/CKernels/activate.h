// The nonlinearities of a block, to be inlined into kernels.
#pragma once
#include "kernels.h"
#include "vector_math.h"

VQ_INLINE float vq_act(float x, int activation) {
    if (activation == VQ_RELU) return x < 0.0f ? 0.0f : x;  // NaN stays NaN
    if (activation == VQ_GELU) {
        float density;
        const float tail = vq_normal_tail(x, &density);
        return x * (x < 0.0f ? tail : 1.0f - tail);
    }
    return x;
}

// d gelu / dx = Phi(x) + x phi(x).
VQ_INLINE float vq_slope(float x, int activation) {
    if (activation == VQ_RELU) return x > 0.0f ? 1.0f : (x <= 0.0f ? 0.0f : x);  // NaN stays NaN
    if (activation == VQ_GELU) {
        float density;
        const float tail = vq_normal_tail(x, &density);
        return (x < 0.0f ? tail : 1.0f - tail) + x * (0.3989422804f * density);
    }
    return 1.0f;
}

// A switch outside the loop: each case is compiled with a constant activation.
#define VQ_FOR_ACTIVATION(body)                                                                            \
    switch (activation) {                                                                                  \
    case VQ_RELU: body(VQ_RELU) break;                                                                     \
    case VQ_GELU: body(VQ_GELU) break;                                                                     \
    default: body(VQ_IDENTITY) break;                                                                      \
    }
