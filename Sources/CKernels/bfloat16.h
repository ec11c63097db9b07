// Pairs of bfloat16, see kernels.h, with plain C that does bit for bit what the processors' instructions do.
#pragma once
#include "kernels.h"
#include "vector_math.h"

// Pairs of a panel: VQ_PANEL values of a row, one cache line.
enum { PANEL_PAIRS = VQ_PANEL / 2 };

// A float or bfloat16 below the smallest normal number is zero to all of these instructions, and so are such results;
// the sign stays.
VQ_INLINE uint32_t flush(uint32_t bits) { return bits & 0x7f800000u ? bits : bits & 0x80000000u; }

VQ_INLINE uint32_t round_to_bfloat16(float x) {
    const uint32_t bits = flush((uint32_t)vq_float_to_bits(x));
    if ((bits & 0x7fffffffu) > 0x7f800000u) return bits >> 16 | 0x40u;  // NaN, quiet
    return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}

VQ_INLINE uint32_t round_pair(float first, float second) {
    return round_to_bfloat16(first) | round_to_bfloat16(second) << 16;
}

VQ_INLINE float first_of(uint32_t pair) { return vq_bits_to_float((int32_t)flush(pair << 16)); }
VQ_INLINE float second_of(uint32_t pair) { return vq_bits_to_float((int32_t)flush(pair & 0xffff0000u)); }

VQ_INLINE float flushed(float x) { return vq_bits_to_float((int32_t)flush((uint32_t)vq_float_to_bits(x))); }

// a x + y, rounded once.
VQ_INLINE float flushed_multiply_add(float a, float x, float y) { return flushed(fmaf(a, x, y)); }

// From a pair of the left operand to those of the next row, the next pair of summands, and a panel of pairs on.
typedef struct {
    long row;
    long pair;
    long panel;
} left_pair_steps;

// Rows at equal distances times up to VQ_PANEL columns, of which `b` holds a whole panel; c gets or adds the sums.
typedef void bfloat16_block_product(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *c,
                                    long c_row, long rows, long pairs, long columns, int accumulate);

bfloat16_block_product bfloat16_emulated_avx512, bfloat16_emulated_amx, bfloat16_plain_tiles;
#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
bfloat16_block_product bfloat16_avx512, bfloat16_amx;
#endif

// What AVX512_BF16 does where it is, which is wherever there is AMX, and plain C elsewhere.
#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
#include <immintrin.h>
#define ATTRIBUTES __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#define WITH_HARDWARE(hardware, portable)                                                                              \
    (instructions == VQ_BFLOAT16_AVX512 || instructions == VQ_BFLOAT16_AMX ? hardware : portable)

// Pairs of 16 columns of two rows.
ATTRIBUTES VQ_INLINE __m512i interleaved(__m512 first, __m512 second) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                                           21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(second, first));
}
#else
#define WITH_HARDWARE(hardware, portable) ((void)instructions, portable)
#endif
