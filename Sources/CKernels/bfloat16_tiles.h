// The product by tiles, for AMX and for tiles in plain C: define NAME, ATTRIBUTES and the operations on tiles that stand
// below, include this, and do so again for the other.
//
// A tile has 16 rows of 64 bytes: a panel of pairs of 16 rows of a, 16 pairs of 16 columns of b, or 16 x 16 sums.
// TILES_BEGIN and TILES_END give all tiles these shapes and take them back; TILE_ZERO(tile), TILE_LOAD(tile, base, bytes
// from a row to the next), TILE_STORE, and TILE_MULTIPLY(sums, a, b), which adds.

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define BLOCK PASTE(NAME, _block)

// Tiles 0 to 3 are sums of two tiles of rows, 4 and 5, and two of columns, 6 and 7.
ATTRIBUTES static void BLOCK(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *sums,
                             long rows, long pairs) {
    uint32_t left[BLOCK_ROWS * PANEL_PAIRS], right[PANEL_PAIRS * VQ_PANEL];
    TILE_ZERO(0);
    TILE_ZERO(1);
    TILE_ZERO(2);
    TILE_ZERO(3);
    for (long k = 0; k < pairs; k += PANEL_PAIRS) {
        const long count = pairs - k < PANEL_PAIRS ? pairs - k : PANEL_PAIRS;
        const int isWhole = count == PANEL_PAIRS;
        // What lies there as a tile reads it need not be copied.
        const int isInPlace = isWhole && rows >= BLOCK_ROWS && step.pair == 1;
        if (!isInPlace) copy_left(left, a, step, rows, count);
        if (!isWhole) copy_right(right, b, b_row, count);
        const uint32_t *from = isInPlace ? a : left, *columns = isWhole ? b : right;
        const long row = 4 * (isInPlace ? step.row : PANEL_PAIRS), column = 4 * (isWhole ? b_row : VQ_PANEL);
        TILE_LOAD(4, from, row);
        TILE_LOAD(5, from + TILE_ROWS * row / 4, row);
        TILE_LOAD(6, columns, column);
        TILE_LOAD(7, columns + TILE_ROWS, column);
        TILE_MULTIPLY(0, 4, 6);
        TILE_MULTIPLY(1, 4, 7);
        TILE_MULTIPLY(2, 5, 6);
        TILE_MULTIPLY(3, 5, 7);
        a += step.panel;
        b += PANEL_PAIRS * b_row;
    }
    TILE_STORE(0, sums, 4 * VQ_PANEL);
    TILE_STORE(1, sums + TILE_ROWS, 4 * VQ_PANEL);
    TILE_STORE(2, sums + TILE_ROWS * VQ_PANEL, 4 * VQ_PANEL);
    TILE_STORE(3, sums + TILE_ROWS * VQ_PANEL + TILE_ROWS, 4 * VQ_PANEL);
}

ATTRIBUTES void NAME(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *c, long c_row,
                     long rows, long pairs, long columns, int accumulate) {
    TILES_BEGIN;
    for (long first = 0; first < rows; first += BLOCK_ROWS) {
        const long count = rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS;
        float sums[BLOCK_ROWS * VQ_PANEL];
        BLOCK(a + first * step.row, step, b, b_row, sums, count, pairs);
        for (long i = 0; i < count; i++)
            for (long j = 0; j < columns; j++) {
                float *result = c + (first + i) * c_row + j;
                const float sum = sums[i * VQ_PANEL + j];
                *result = accumulate ? *result + sum : sum;
            }
    }
    TILES_END;
}

#undef BLOCK
#undef NAME
#undef ATTRIBUTES
#undef TILES_BEGIN
#undef TILES_END
#undef TILE_ZERO
#undef TILE_LOAD
#undef TILE_STORE
#undef TILE_MULTIPLY
