#include "bfloat16.h"

// Every element is a sum of LONGEST pairs of terms after the other, in the order of the instruction, whatever block it is
// in; longer sums are the sums of those, in float32.

// So many rows of a panel of b stay in the first-level cache.
enum { LONGEST = 256 };

static bfloat16_block_product *product_for(vq_bfloat16_instructions instructions) {
    switch (instructions) {
#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
        case VQ_BFLOAT16_AVX512: return bfloat16_avx512;
        case VQ_BFLOAT16_AMX: return bfloat16_amx;
#endif
        case VQ_BFLOAT16_PLAIN_TILES: return bfloat16_plain_tiles;
        case VQ_BFLOAT16_EMULATED_AMX: return bfloat16_emulated_amx;
        default: return bfloat16_emulated_avx512;
    }
}

void vq_bfloat16_product(vq_bfloat16_instructions instructions, vq_pairs a, int transpose_a, vq_pairs b, vq_matrix c,
                         long rows, long pairs, long columns, int accumulate) {
    bfloat16_block_product *const product = product_for(instructions);
    const left_pair_steps step = {
        .row = transpose_a ? 1 : a.row,
        .pair = transpose_a ? a.row : 1,
        .panel = transpose_a ? PANEL_PAIRS * a.row : a.panel,
    };
    // Rows at equal distances.
    const long together = transpose_a ? VQ_PANEL : rows;
    for (long k = 0; k == 0 || k < pairs; k += LONGEST) {
        const long part = pairs - k < LONGEST ? pairs - k : LONGEST;
        for (long column = 0; column < columns; column += VQ_PANEL) {
            const long width = columns - column < VQ_PANEL ? columns - column : VQ_PANEL;
            const uint32_t *bk = b.base + k * b.row + column / VQ_PANEL * b.panel;
            for (long row = 0; row < rows; row += together) {
                const long count = rows - row < together ? rows - row : together;
                const uint32_t *ak = a.base + k / PANEL_PAIRS * step.panel
                    + (transpose_a ? row / VQ_PANEL * a.panel : 0);
                float *ck = c.base + row * c.row + column / VQ_PANEL * c.panel;
                product(ak, step, bk, b.row, ck, c.row, count, part, width, accumulate || k > 0);
            }
        }
    }
}

void bfloat16_emulated_avx512(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *c,
                              long c_row, long rows, long pairs, long columns, int accumulate) {
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < columns; j++) {
            float sum = 0;
            for (long k = 0; k < pairs; k++) {
                const uint32_t x = a[i * step.row + k / PANEL_PAIRS * step.panel + k % PANEL_PAIRS * step.pair];
                const uint32_t y = b[k * b_row + j];
                sum = flushed_multiply_add(second_of(x), second_of(y), sum);
                sum = flushed_multiply_add(first_of(x), first_of(y), sum);
            }
            float *result = c + i * c_row + j;
            *result = accumulate ? *result + sum : sum;
        }
}

// A tile holds the sums of a panel of pairs: those of first and second factors run apart.
void bfloat16_emulated_amx(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *c,
                           long c_row, long rows, long pairs, long columns, int accumulate) {
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < columns; j++) {
            float sum = 0;
            for (long panel = 0; panel < pairs; panel += PANEL_PAIRS) {
                float first = 0, second = 0;
                for (long k = panel; k < pairs && k < panel + PANEL_PAIRS; k++) {
                    const uint32_t x = a[i * step.row + k / PANEL_PAIRS * step.panel + k % PANEL_PAIRS * step.pair];
                    const uint32_t y = b[k * b_row + j];
                    first = flushed_multiply_add(first_of(x), first_of(y), first);
                    second = flushed_multiply_add(second_of(x), second_of(y), second);
                }
                sum = flushed(sum + flushed(first + second));
            }
            float *result = c + i * c_row + j;
            *result = accumulate ? *result + sum : sum;
        }
}
