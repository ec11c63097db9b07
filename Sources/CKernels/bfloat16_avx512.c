#include "bfloat16.h"

#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
// A block of the result stays in registers while the sum runs, as in product.h: 14 x 2 accumulators.
enum { BLOCK_ROWS = 14, WIDTH = 16 };

// `rows` is a constant where this is inlined, so that the accumulators become registers.
ATTRIBUTES VQ_INLINE void block(const uint32_t *restrict a, left_pair_steps step, const uint32_t *restrict b,
                                long b_row, float *restrict c, long c_row, int rows, long pairs, __mmask16 low,
                                __mmask16 high, int accumulate, const uint32_t *after) {
    __m512 sum[BLOCK_ROWS][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        __builtin_prefetch(c + i * c_row, 1);
        __builtin_prefetch(c + i * c_row + WIDTH, 1);
        sum[i][0] = sum[i][1] = _mm512_setzero_ps();
    }
    const long ahead = step.pair == 1 ? step.row : step.pair;
    for (long panel = 0; panel < pairs; panel += PANEL_PAIRS) {
        const long end = pairs - panel < PANEL_PAIRS ? pairs - panel : PANEL_PAIRS;
        const uint32_t *next = panel + 2 * PANEL_PAIRS < pairs
            ? a + 2 * step.panel
            : after + (panel + PANEL_PAIRS < pairs ? 0 : step.panel);
        for (long k = 0; k < end; k++) {
            __builtin_prefetch(next + k * ahead);
            const __m512bh b0 = (__m512bh)_mm512_loadu_si512(b), b1 = (__m512bh)_mm512_loadu_si512(b + WIDTH);
            b += b_row;
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                const __m512bh pair = (__m512bh)_mm512_set1_epi32((int)a[i * step.row + k * step.pair]);
                sum[i][0] = _mm512_dpbf16_ps(sum[i][0], pair, b0);
                sum[i][1] = _mm512_dpbf16_ps(sum[i][1], pair, b1);
            }
        }
        a += step.panel;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        float *result = c + i * c_row;
        if (accumulate) {
            sum[i][0] = _mm512_add_ps(_mm512_maskz_loadu_ps(low, result), sum[i][0]);
            sum[i][1] = _mm512_add_ps(_mm512_maskz_loadu_ps(high, result + WIDTH), sum[i][1]);
        }
        _mm512_mask_storeu_ps(result, low, sum[i][0]);
        _mm512_mask_storeu_ps(result + WIDTH, high, sum[i][1]);
    }
}

ATTRIBUTES void bfloat16_avx512(const uint32_t *restrict a, left_pair_steps step, const uint32_t *restrict b,
                                long b_row, float *restrict c, long c_row, long rows, long pairs, long columns,
                                int accumulate) {
    const __mmask16 low = columns < WIDTH ? (__mmask16)((1u << columns) - 1) : 0xffff;
    const __mmask16 high = columns < WIDTH ? 0 : (__mmask16)((1u << (columns - WIDTH)) - 1);
    const long blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    for (long index = 0; index < blocks; index++) {
        // Blocks of nearly the same size: small ones take as long as large ones.
        const long first = index * rows / blocks, count = (index + 1) * rows / blocks - first;
        const uint32_t *ab = a + first * step.row;
        switch (count) {
#define CASE(n)                                                                                                       \
    case n:                                                                                                           \
        block(ab, step, b, b_row, c + first * c_row, c_row, n, pairs, low, high, accumulate, ab + n * step.row);      \
        break;
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
            CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#undef CASE
        }
    }
}
#endif
