#include "bfloat16.h"

// Sums of few terms, rounded where they are: in registers.

static void transform_portable(vq_matrix transform, vq_matrix x, vq_pairs y, long products, long terms, long rows) {
    for (long r = 0; r < products; r++)
        for (long d = 0; d < rows; d += 2)
            for (long c = 0; c < VQ_PANEL; c++) {
                float first = 0, second = 0;
                for (long j = 0; j < terms; j++) {
                    const float factor = transform.base[r * transform.row + j];
                    const float *row = x.base + j * x.row + d * x.panel + c;
                    first = fmaf(factor, row[0], first);
                    if (d + 1 < rows) second = fmaf(factor, row[x.panel], second);
                }
                y.base[r * y.row + d / 2 * y.panel + c] = round_pair(first, second);
            }
}

#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
enum { BLOCK_ROWS = 14, WIDTH = 16 };

// Half a panel of a pair of rows; `products` is a constant where this is inlined.
ATTRIBUTES VQ_INLINE void block(const float *restrict transform, long transform_row, const float *restrict x, long x_row,
                                long second_row, uint32_t *restrict y, long y_row, int products, long terms,
                                long ahead) {
    __m512 sum[BLOCK_ROWS][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < products; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    for (long j = 0; j < terms; j++) {
        const float *row = x + j * x_row;
        // As many streams as terms are more than the hardware fetches ahead.
        __builtin_prefetch(row + ahead);
        __builtin_prefetch(row + ahead + second_row);
        const __m512 first = _mm512_loadu_ps(row);
        const __m512 second = second_row ? _mm512_loadu_ps(row + second_row) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
        for (int r = 0; r < products; r++) {
            const __m512 factor = _mm512_set1_ps(transform[r * transform_row + j]);
            sum[r][0] = _mm512_fmadd_ps(factor, first, sum[r][0]);
            sum[r][1] = _mm512_fmadd_ps(factor, second, sum[r][1]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < products; r++) _mm512_storeu_si512(y + r * y_row, interleaved(sum[r][0], sum[r][1]));
}

ATTRIBUTES static void transform_avx512(vq_matrix transform, vq_matrix x, vq_pairs y, long products, long terms,
                                        long rows) {
    const long blocks = (products + BLOCK_ROWS - 1) / BLOCK_ROWS;
    for (long index = 0; index < blocks; index++) {
        const long first = index * products / blocks, count = (index + 1) * products / blocks - first;
        const float *factors = transform.base + first * transform.row;
        for (long d = 0; d < rows; d += 2)
            for (long c = 0; c < VQ_PANEL; c += WIDTH) {
                const float *row = x.base + d * x.panel + c;
                uint32_t *pairs = y.base + first * y.row + d / 2 * y.panel + c;
                const long second = d + 1 < rows ? x.panel : 0, ahead = 4 * x.panel;
                switch (count) {
#define CASE(n)                                                                                                       \
    case n:                                                                                                           \
        block(factors, transform.row, row, x.row, second, pairs, y.row, n, terms, ahead);                             \
        break;
                    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
                    CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#undef CASE
                }
            }
    }
}
#endif

void vq_transform_to_pairs(vq_bfloat16_instructions instructions, vq_matrix transform, vq_matrix x, vq_pairs y,
                           long products, long terms, long rows) {
    WITH_HARDWARE(transform_avx512, transform_portable)(transform, x, y, products, terms, rows);
}
