// The product for one instruction set: define WIDTH (floats of a vector), BLOCK_ROWS, BLOCK_VECTORS, NAME and
// ATTRIBUTES, include this, and do so again for another one.
//
// A block of the result stays in registers while the sum runs: BLOCK_ROWS x BLOCK_VECTORS accumulators leave
// room for a row of b and an element of a.

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define VECTOR PASTE(NAME, _vector)
#define BLOCK PASTE(NAME, _block)
#define COLUMNS (WIDTH * BLOCK_VECTORS)

typedef float VECTOR __attribute__((vector_size(WIDTH * sizeof(float)), aligned(sizeof(float))));

// `rows` is a constant where this is inlined, so that the accumulators become registers.
VQ_INLINE void BLOCK(const float *restrict a, left_steps step, const float *restrict b, long b_row,
                     float *restrict c, long c_row, int rows, long depth, int accumulate, const float *after) {
    VECTOR sum[BLOCK_ROWS][BLOCK_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < BLOCK_VECTORS; v++) {
            __builtin_prefetch(c + i * c_row + v * WIDTH, 1);
            sum[i][v] = (VECTOR){0};
        }
    for (long panel = 0; panel < depth; panel += VQ_PANEL) {
        const long end = depth - panel < VQ_PANEL ? depth - panel : VQ_PANEL;
        const float *next = panel + 2 * VQ_PANEL < depth ? a + 2 * step.depth_panel
                                                         : after + (panel + VQ_PANEL < depth ? 0 : step.depth_panel);
        for (long k = 0; k < end; k++) {
            __builtin_prefetch(next + k * step.prefetch);
            VECTOR row[BLOCK_VECTORS];
#pragma clang loop unroll(full)
            for (int v = 0; v < BLOCK_VECTORS; v++) row[v] = *(const VECTOR *)(b + v * WIDTH);
            b += b_row;
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                const float factor = a[i * step.row + k * step.depth];
#pragma clang loop unroll(full)
                for (int v = 0; v < BLOCK_VECTORS; v++) sum[i][v] += factor * row[v];
            }
        }
        a += step.depth_panel;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < BLOCK_VECTORS; v++) {
            VECTOR *result = (VECTOR *)(c + i * c_row + v * WIDTH);
            *result = accumulate ? *result + sum[i][v] : sum[i][v];
        }
}

// Rows that lie at equal distances times some columns; returns how many columns there were whole blocks for.
ATTRIBUTES static long NAME(const float *restrict a, left_steps step, const float *restrict b, long b_row,
                            float *restrict c, long c_row, long rows, long depth, long columns,
                            int accumulate) {
    const long blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    long column = 0;
    for (; column + COLUMNS <= columns; column += COLUMNS) {
        for (long block = 0; block < blocks; block++) {
            // Blocks of nearly the same size: small ones take as long as large ones.
            const long first = block * rows / blocks;
            const float *ab = a + first * step.row;
            float *cb = c + first * c_row + column;
            const long count = (block + 1) * rows / blocks - first;
            switch (count) {
#define CASE(n)                                                                                            \
    case n:                                                                                                \
        if (n <= BLOCK_ROWS)                                                                               \
            BLOCK(ab, step, b + column, b_row, cb, c_row, n <= BLOCK_ROWS ? n : BLOCK_ROWS, depth,         \
                  accumulate, ab + count * step.row);                                                      \
        break;
                CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
                CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#undef CASE
            }
        }
    }
    return column;
}

#undef VECTOR
#undef BLOCK
#undef COLUMNS
#undef WIDTH
#undef BLOCK_ROWS
#undef BLOCK_VECTORS
#undef NAME
#undef ATTRIBUTES
