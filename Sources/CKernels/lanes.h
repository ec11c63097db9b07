// Sums of floats in sixteen lanes: their order is fixed, whatever the vector width.
#pragma once
#include "vector_math.h"

enum { LANES = 16 };

VQ_INLINE float sum_lanes(const float *lanes) {
    float total = 0.0f;
    for (int l = 0; l < LANES; l++) total += lanes[l];
    return total;
}
