#include "kernels.h"
#include "vector_math.h"

// Every element of a product is a sum of LONGEST terms after the other, each term a fused multiply-add where the
// machine has one, whatever block it is in: AVX-512 and AVX2 give the same bits, and so do equal rows or columns.
// Longer sums are the sum of those sums, which keeps their rounding small.

// So many rows of a panel of b stay in the cache.
enum { LONGEST = 16 * VQ_PANEL };

// From an element of the left operand to those of the next row, the next summand, and VQ_PANEL summands on.
typedef struct {
    long row;
    long depth;
    long depth_panel;
    // By which the elements that come next are fetched ahead: a cache line, or a row.
    long prefetch;
} left_steps;

#if defined(__x86_64__) && !defined(VQ_BASELINE)
#define NAME product_avx512
#define ATTRIBUTES __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define WIDTH 16
#define BLOCK_ROWS 14
#define BLOCK_VECTORS 2
#include "product.h"

// Columns that fill half a block.
#define NAME product_avx512_half
#define ATTRIBUTES __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define WIDTH 16
#define BLOCK_ROWS 14
#define BLOCK_VECTORS 1
#include "product.h"

#define NAME product_avx2
#define ATTRIBUTES __attribute__((target("arch=x86-64-v3")))
#define WIDTH 8
#define BLOCK_ROWS 6
#define BLOCK_VECTORS 2
#include "product.h"
#endif

// Sixteen registers of four floats, or Arm's thirty-two.
#define NAME product_portable
#define ATTRIBUTES
#define WIDTH 4
#if defined(__aarch64__)
#define BLOCK_ROWS 6
#define BLOCK_VECTORS 4
#else
#define BLOCK_ROWS 4
#define BLOCK_VECTORS 2
#endif
#include "product.h"

typedef long product_function(const float *, left_steps, const float *, long, float *, long, long, long, long,
                              int);

vq_instructions vq_widest_instructions(void) {
#if defined(__x86_64__) && !defined(VQ_BASELINE)
    if (__builtin_cpu_supports("x86-64-v4")) return VQ_AVX512;
    if (__builtin_cpu_supports("x86-64-v3")) return VQ_AVX2;
#endif
    return VQ_PORTABLE;
}

static product_function *product_for(vq_instructions instructions) {
#if defined(__x86_64__) && !defined(VQ_BASELINE)
    if (instructions == VQ_AVX512) return product_avx512;
    if (instructions == VQ_AVX2) return product_avx2;
#endif
    return product_portable;
}

// For columns that are left, where a block of fewer is of use.
static product_function *narrow_product_for(vq_instructions instructions) {
#if defined(__x86_64__) && !defined(VQ_BASELINE)
    if (instructions == VQ_AVX512) return product_avx512_half;
#endif
    (void)instructions;
    return 0;
}

// Small products are over before the processor sees which addresses come next: fetches a panel of the right
// operand and of the result.
static void prefetch_panels(const float *b, long b_row, long depth, float *c, long c_row, long rows) {
    if (depth > 2 * VQ_PANEL || rows > 2 * VQ_PANEL) return;
    for (long k = 0; k < depth; k++) {
        __builtin_prefetch(b + k * b_row);
        __builtin_prefetch(b + k * b_row + VQ_PANEL / 2);
    }
    for (long i = 0; i < rows; i++) {
        __builtin_prefetch(c + i * c_row, 1);
        __builtin_prefetch(c + i * c_row + VQ_PANEL / 2, 1);
    }
}

// Columns that fill no block.
VQ_KERNEL static void product_rest(const float *restrict a, left_steps step, const float *restrict b, long b_row,
                                   float *restrict c, long c_row, long rows, long depth, long columns,
                                   int accumulate) {
    for (long i = 0; i < rows; i++) {
        float sum[VQ_PANEL] = {0};
        for (long k = 0; k < depth; k++) {
            const float factor = a[i * step.row + k / VQ_PANEL * step.depth_panel + k % VQ_PANEL * step.depth];
            for (long j = 0; j < columns; j++) sum[j] += factor * b[k * b_row + j];
        }
        float *restrict ci = c + i * c_row;
        for (long j = 0; j < columns; j++) ci[j] = accumulate ? ci[j] + sum[j] : sum[j];
    }
}

void vq_product(vq_instructions instructions, vq_matrix a, int transpose_a, vq_matrix b, vq_matrix c, long rows,
                long depth, long columns, int accumulate) {
    product_function *const product = product_for(instructions), *const narrow = narrow_product_for(instructions);
    const left_steps step = {
        .row = transpose_a ? 1 : a.row,
        .depth = transpose_a ? a.row : 1,
        .depth_panel = transpose_a ? VQ_PANEL * a.row : a.panel,
        .prefetch = transpose_a ? a.row : 16,
    };
    // Rows at equal distances.
    const long together = transpose_a && a.panel != VQ_PANEL ? VQ_PANEL : rows;
    for (long k = 0; k == 0 || k < depth; k += LONGEST) {
        const long part = depth - k < LONGEST ? depth - k : LONGEST;
        const int adding = accumulate || k > 0;
        for (long column = 0; column < columns; column += VQ_PANEL) {
            const long width = columns - column < VQ_PANEL ? columns - column : VQ_PANEL;
            const float *bk = b.base + k * b.row + column / VQ_PANEL * b.panel;
            if (column + 2 * VQ_PANEL < columns)
                prefetch_panels(bk + 2 * b.panel, b.row, part, c.base + (column / VQ_PANEL + 2) * c.panel, c.row,
                                rows);
            for (long row = 0; row < rows; row += together) {
                const long count = rows - row < together ? rows - row : together;
                const float *ak = a.base + k / VQ_PANEL * step.depth_panel + row / VQ_PANEL * a.panel;
                float *ck = c.base + row * c.row + column / VQ_PANEL * c.panel;
                long done = product(ak, step, bk, b.row, ck, c.row, count, part, width, adding);
                if (done < width && narrow)
                    done += narrow(ak, step, bk + done, b.row, ck + done, c.row, count, part, width - done, adding);
                if (done < width)
                    product_rest(ak, step, bk + done, b.row, ck + done, c.row, count, part, width - done,
                                 adding);
            }
        }
    }
}
