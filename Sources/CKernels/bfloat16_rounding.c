#include "bfloat16.h"

#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
#define BFLOAT16_HARDWARE 1
#endif

// Zero behind the last column.
VQ_INLINE float value(const float *row, long column, long columns) { return column < columns ? row[column] : 0; }

static void rows_portable(vq_matrix x, vq_pairs y, long rows, long columns) {
    for (long r = 0; r < rows; r++)
        for (long panel = 0; panel * VQ_PANEL < columns; panel++) {
            const float *from = x.base + r * x.row + panel * x.panel;
            uint32_t *to = y.base + r * y.row + panel * y.panel;
            const long width = columns - panel * VQ_PANEL < VQ_PANEL ? columns - panel * VQ_PANEL : VQ_PANEL;
            for (long p = 0; 2 * p < width; p++)
                to[p] = round_pair(from[2 * p], value(from, 2 * p + 1, width));
        }
}

static void pairs_portable(vq_matrix x, vq_matrix odd, vq_pairs y, long rows, long columns) {
    for (long r = 0; r < rows; r++)
        for (long panel = 0; panel * VQ_PANEL < columns; panel++) {
            const float *first = x.base + r * x.row + panel * x.panel;
            const float *second = odd.base ? odd.base + r * odd.row + panel * odd.panel : 0;
            uint32_t *to = y.base + r * y.row + panel * y.panel;
            const long width = columns - panel * VQ_PANEL < VQ_PANEL ? columns - panel * VQ_PANEL : VQ_PANEL;
            for (long c = 0; c < VQ_PANEL; c++)
                to[c] = round_pair(value(first, c, width), second ? value(second, c, width) : 0);
        }
}

static void transposed_portable(vq_matrix x, vq_pairs y, long rows, long columns) {
    for (long r = 0; r < (rows + VQ_PANEL - 1) / VQ_PANEL * VQ_PANEL; r++)
        for (long p = 0; 2 * p < columns; p++) {
            const float *from = x.base + r * x.row + 2 * p / VQ_PANEL * x.panel + 2 * p % VQ_PANEL;
            y.base[p * y.row + r / VQ_PANEL * y.panel + r % VQ_PANEL]
                = r < rows ? round_pair(from[0], value(from, 1, columns - 2 * p)) : 0;
        }
}

#if BFLOAT16_HARDWARE
// Of the first `count` values of a panel those in the low and the high half.
#define LOW_MASK(count) ((count) < 16 ? (__mmask16)((1u << (count)) - 1) : (__mmask16)0xffff)
#define HIGH_MASK(count) ((count) < 16 ? (__mmask16)0 : (__mmask16)((1u << ((count) - 16)) - 1))

ATTRIBUTES VQ_INLINE __m512i round_panel(const float *from, long count) {
    if (count >= VQ_PANEL) return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 16), _mm512_loadu_ps(from));
    return (__m512i)_mm512_cvtne2ps_pbh(
        _mm512_maskz_loadu_ps(HIGH_MASK(count), from + 16), _mm512_maskz_loadu_ps(LOW_MASK(count), from));
}

ATTRIBUTES static void rows_avx512(vq_matrix x, vq_pairs y, long rows, long columns) {
    for (long r = 0; r < rows; r++)
        for (long column = 0; column < columns; column += VQ_PANEL) {
            const long width = columns - column;
            const __m512i pairs = round_panel(x.base + r * x.row + column / VQ_PANEL * x.panel, width);
            uint32_t *to = y.base + r * y.row + column / VQ_PANEL * y.panel;
            if (width >= VQ_PANEL)
                _mm512_storeu_si512(to, pairs);
            else
                _mm512_mask_storeu_epi32(to, LOW_MASK((width + 1) / 2), pairs);
        }
}

ATTRIBUTES static void pairs_avx512(vq_matrix x, vq_matrix odd, vq_pairs y, long rows, long columns) {
    const __m512 none = _mm512_setzero_ps();
    for (long r = 0; r < rows; r++)
        for (long column = 0; column < columns; column += VQ_PANEL) {
            const long width = columns - column, panel = column / VQ_PANEL;
            const __mmask16 low = LOW_MASK(width), high = width >= VQ_PANEL ? 0xffff : HIGH_MASK(width);
            const float *first = x.base + r * x.row + panel * x.panel;
            const float *second = odd.base ? odd.base + r * odd.row + panel * odd.panel : first;
            uint32_t *to = y.base + r * y.row + panel * y.panel;
            _mm512_storeu_si512(to, interleaved(_mm512_maskz_loadu_ps(low, first),
                                               odd.base ? _mm512_maskz_loadu_ps(low, second) : none));
            _mm512_storeu_si512(to + 16, interleaved(_mm512_maskz_loadu_ps(high, first + 16),
                                                    odd.base ? _mm512_maskz_loadu_ps(high, second + 16) : none));
        }
}

// The transpose of 16 x 16 pairs, in place.
ATTRIBUTES VQ_INLINE void transpose_pairs(__m512i *x) {
    __m512i y[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 2) {
        y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) {
        x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    // Columns i, i + 4, i + 8, i + 12 of rows 4j ... 4j + 3 are in lanes of x[4j + i].
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        const __m512i a = _mm512_shuffle_i32x4(x[i], x[i + 4], 0x88), b = _mm512_shuffle_i32x4(x[i], x[i + 4], 0xdd);
        const __m512i c = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0x88);
        const __m512i d = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0xdd);
        y[i] = _mm512_shuffle_i32x4(a, c, 0x88);
        y[i + 8] = _mm512_shuffle_i32x4(a, c, 0xdd);
        y[i + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
        y[i + 12] = _mm512_shuffle_i32x4(b, d, 0xdd);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) x[i] = y[i];
}

ATTRIBUTES static void transposed_avx512(vq_matrix x, vq_pairs y, long rows, long columns) {
    for (long column = 0; column < columns; column += VQ_PANEL) {
        const long width = columns - column, pairs = width < VQ_PANEL ? (width + 1) / 2 : 16;
        for (long r = 0; r < (rows + VQ_PANEL - 1) / VQ_PANEL * VQ_PANEL; r += 16) {
            __m512i block[16];
            const float *from = x.base + r * x.row + column / VQ_PANEL * x.panel;
#pragma clang loop unroll(full)
            for (int i = 0; i < 16; i++)
                block[i] = r + i < rows ? round_panel(from + i * x.row, width) : _mm512_setzero_si512();
            transpose_pairs(block);
            uint32_t *to = y.base + column / 2 * y.row + r / VQ_PANEL * y.panel + r % VQ_PANEL;
#pragma clang loop unroll(full)
            for (int p = 0; p < 16; p++)
                if (p < pairs) _mm512_storeu_si512(to + p * y.row, block[p]);
        }
    }
}
#endif

void vq_round_to_rows(vq_bfloat16_instructions instructions, vq_matrix x, vq_pairs y, long rows, long columns) {
    WITH_HARDWARE(rows_avx512, rows_portable)(x, y, rows, columns);
}

void vq_round_to_pairs(vq_bfloat16_instructions instructions, vq_matrix x, vq_matrix odd, vq_pairs y, long rows,
                       long columns) {
    WITH_HARDWARE(pairs_avx512, pairs_portable)(x, odd, y, rows, columns);
}

void vq_round_transposed(vq_bfloat16_instructions instructions, vq_matrix x, vq_pairs y, long rows, long columns) {
    WITH_HARDWARE(transposed_avx512, transposed_portable)(x, y, rows, columns);
}
