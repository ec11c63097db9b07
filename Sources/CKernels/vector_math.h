// Branch-free float32 exp, log and normal distribution function, written so that a loop over them
// vectorises. Coefficients are our own weighted least-squares (minimax) fits.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

// One source, three instruction sets: the loader picks the widest that the machine has.
// Elsewhere (Arm, other systems) the same code is compiled once for the baseline, as it is with
// VQ_BASELINE, by which `make test-baseline` tests that.
#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
#define VQ_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VQ_KERNEL
#endif

// To be inlined into each clone, so that it is compiled for that clone's instruction set.
#define VQ_INLINE static inline __attribute__((always_inline))

#pragma clang fp contract(fast)

VQ_INLINE float vq_bits_to_float(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

VQ_INLINE int32_t vq_float_to_bits(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// exp(x) for any x, relative error below 1e-7 for x in [-87, 88]; smaller x gives exp(-87), about 1.6e-38,
// larger x exp(88), NaN itself. x = n ln 2 + r, |r| <= ln 2 / 2; exp(r) = 1 + r + r^2 Q(r).
VQ_INLINE float vq_exp(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float shifter = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
    const float shifted = x * 1.44269504f + shifter;
    const float n = shifted - shifter;
    float r = x - n * 0.693145752f;  // ln 2 in two parts
    r = r - n * 1.42860677e-6f;
    float q = 0.0013901284713769943f;
    q = q * r + 0.008363140955111571f;
    q = q * r + 0.04166685336128669f;
    q = q * r + 0.1666657731647779f;
    q = q * r + 0.4999999955281975f;
    const float y = 1.0f + (r + r * r * q);
    // n stands in the last bits of the shifted number; unlike a conversion this is defined for NaN.
    return y * vq_bits_to_float((int32_t)(((uint32_t)vq_float_to_bits(shifted) + 127u) << 23));
}

// log(x) for normal x > 0, relative error below 1e-7; infinity and NaN themselves.
// x = 2^e m, m in [sqrt(1/2), sqrt(2)); log(1 + f) = f - f^2/2 + f^3 R(f).
VQ_INLINE float vq_log(float x) {
    const int32_t bits = vq_float_to_bits(x) - 0x3f3504f3;  // bits of sqrt(1/2)
    const int32_t e = bits >> 23;
    const float f = vq_bits_to_float((bits & 0x7fffff) + 0x3f3504f3) - 1.0f;
    float r = 0.07037674247272102f;
    r = r * f - 0.11514622842253178f;
    r = r * f + 0.11677008213176773f;
    r = r * f - 0.12420140107437054f;
    r = r * f + 0.1424932183416347f;
    r = r * f - 0.16668057648886384f;
    r = r * f + 0.2000071478878657f;
    r = r * f - 0.2499999399376991f;
    r = r * f + 0.33333331173477804f;
    const float s = f * f;
    const float n = (float)e;
    const float low = n * 1.42860677e-6f + (s * f * r - 0.5f * s);
    return x < INFINITY ? n * 0.693145752f + (f + low) : x;
}

// Upper tail of the normal distribution, 1 - Phi(|x|), and its density exp(-x^2/2) (not normalised).
// 2 (1 - Phi(|x|)) = erfc(z), z = |x| / sqrt 2; erfc(z) = exp(-z^2) t P(t), t = 1 / (1 + 0.4 z), with the
// fit of t P(t) to erfcx good to 7e-9 for all z >= 0. The factor 1/2 is in the coefficients. So x Phi(x) is
// within 1.5e-7 max(1, |x|) of the true value for |x| < 1e30, its derivative within 2.5e-7; left of zero, where
// x Phi(x) vanishes, within 3e-6 of the value itself down to x = -10.
VQ_INLINE float vq_normal_tail(float x, float *density) {
    const float e = vq_exp(-0.5f * x * x);
    const float t = 1.0f / (1.0f + 0.28284271247f * fabsf(x));
    float p = -0.029215073212981224f;
    p = p * t + 0.1404464989900589f;
    p = p * t - 0.23552680015563965f;
    p = p * t + 0.1375608891248703f;
    p = p * t - 0.046894822269678116f;
    p = p * t + 0.08391626924276352f;
    p = p * t + 0.11900832504034042f;
    p = p * t + 0.17173928022384644f;
    p = p * t + 0.2076137214899063f;
    p = p * t + 0.22567586600780487f;
    p = p * t + 0.22567583620548248f;
    *density = e;
    return 0.5f * e * t * p;
}
