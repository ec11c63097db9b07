// Dynamic time warping and edit distances of one sequence with sixteen others, each in a lane.
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

typedef float row16 __attribute__((vector_size(4 * LANES), aligned(sizeof(float))));
typedef int32_t mask16 __attribute__((vector_size(4 * LANES), aligned(sizeof(float))));

// Vectors are not passed by value: only the clones of a kernel know how wide they may be.
#define CHOOSE(condition, a, b) (row16)(((mask16)(a) & (condition)) | ((mask16)(b) & ~(condition)))

// What a row of the table carries from cell to cell.
typedef struct {
    row16 left, left_length, diagonal, diagonal_length;
} warp_state;

VQ_INLINE void begin_row(warp_state *state, long row) {
    const row16 zero = {0}, none = zero + INFINITY;
    state->left = none;
    state->diagonal = row == 0 ? zero : none;
    state->left_length = state->diagonal_length = zero;
}

// One cell of the table: the cheapest of the three before it, ties as in walking back from the end: diagonal first, then
// the one to the left. `cost` and `length` are those of the row above, and of this row behind.
VQ_INLINE void warp_cell(warp_state *state, float *restrict cost, float *restrict length, const row16 *distance) {
    const row16 up = *(row16 *)cost, up_length = *(row16 *)length;
    const mask16 left_first = state->left <= up;
    const row16 side = CHOOSE(left_first, state->left, up);
    const row16 side_length = CHOOSE(left_first, state->left_length, up_length);
    const mask16 diagonal_first = state->diagonal <= side;
    state->left = *distance + CHOOSE(diagonal_first, state->diagonal, side);
    state->left_length = CHOOSE(diagonal_first, state->diagonal_length, side_length) + 1.0f;
    state->diagonal = up;
    state->diagonal_length = up_length;
    *(row16 *)cost = state->left;
    *(row16 *)length = state->left_length;
}

VQ_INLINE void begin_table(float *restrict cost, float *restrict length, long columns) {
    for (long c = 0; c < columns * LANES; c++) {
        cost[c] = INFINITY;
        length[c] = 0.0f;
    }
}

VQ_INLINE void ends(const float *restrict cost, const float *restrict length, const int32_t *restrict lengths,
                    double *restrict result) {
    for (int l = 0; l < LANES; l++) {
        const long last = (lengths[l] - 1) * LANES + l;
        result[l] = lengths[l] == 0 ? 0.0 : (double)cost[last] / (double)length[last];
    }
}

// The distances of a row, side by side for the lanes.
VQ_INLINE void interleave(const float *restrict row, const int32_t *restrict offsets, const int32_t *restrict lengths,
                          float *restrict out) {
    for (int l = 0; l < LANES; l++) {
        const float *restrict d = row + offsets[l];
        for (long j = 0; j < lengths[l]; j++) out[j * LANES + l] = d[j];
    }
}

VQ_KERNEL void vq_warp(const float *restrict distances, long stride, const int32_t *restrict offsets, long rows,
                       long columns, const int32_t *restrict lengths, float *restrict work, double *restrict result) {
    float *restrict cost = work, *restrict length = work + columns * LANES, *restrict d = length + columns * LANES;
    for (long c = 0; c < columns * LANES; c++) d[c] = 0.0f;
    begin_table(cost, length, columns);
    for (long i = 0; i < rows; i++) {
        interleave(distances + i * stride, offsets, lengths, d);
        warp_state state;
        begin_row(&state, i);
        for (long j = 0; j < columns; j++)
            warp_cell(&state, cost + j * LANES, length + j * LANES, (const row16 *)(d + j * LANES));
    }
    ends(cost, length, lengths, result);
}

VQ_KERNEL void vq_warp_units(const int32_t *restrict x, long rows, const int32_t *restrict y, long columns,
                             const int32_t *restrict lengths, float *restrict work, double *restrict result) {
    float *restrict cost = work, *restrict length = work + columns * LANES;
    begin_table(cost, length, columns);
    const row16 zero = {0}, one = zero + 1.0f;
    for (long i = 0; i < rows; i++) {
        warp_state state;
        begin_row(&state, i);
        for (long j = 0; j < columns; j++) {
            const mask16 same = *(const mask16 *)(y + j * LANES) == x[i];
            const row16 distance = CHOOSE(same, zero, one);
            warp_cell(&state, cost + j * LANES, length + j * LANES, &distance);
        }
    }
    ends(cost, length, lengths, result);
}

VQ_KERNEL void vq_edit_units(const int32_t *restrict x, long rows, const int32_t *restrict y, long columns,
                             const int32_t *restrict lengths, float *restrict work, double *restrict result) {
    for (long j = 0; j <= columns; j++)
        for (int l = 0; l < LANES; l++) work[j * LANES + l] = (float)j;
    for (long i = 0; i < rows; i++) {
        float diagonal[LANES], left[LANES];
        for (int l = 0; l < LANES; l++) {
            diagonal[l] = work[l];
            left[l] = work[l] = (float)(i + 1);
        }
        for (long j = 0; j < columns; j++)
            for (int l = 0; l < LANES; l++) {
                const float up = work[(j + 1) * LANES + l];
                const float side = (up < left[l] ? up : left[l]) + 1.0f;
                const float across = diagonal[l] + (y[j * LANES + l] == x[i] ? 0.0f : 1.0f);
                diagonal[l] = up;
                left[l] = work[(j + 1) * LANES + l] = across < side ? across : side;
            }
    }
    for (int l = 0; l < LANES; l++) {
        const long longer = lengths[l] > rows ? lengths[l] : rows;
        result[l] = (double)work[lengths[l] * LANES + l] / (double)longer;
    }
}
