// Dynamic time warping and edit distances of one sequence with sixteen others, each in a lane.
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

// One cell of the table: the cheapest of the three before it, ties as in walking back from the end: diagonal first, then
// the one to the left. `before` holds the row above up to here and this row behind.
#define WARP_CELL(distance)                                                                                \
    for (int l = 0; l < LANES; l++) {                                                                      \
        const float up = cost[j * LANES + l], up_length = length[j * LANES + l];                           \
        const int left_first = left[l] <= up;                                                              \
        const float side = left_first ? left[l] : up;                                                      \
        const float side_length = left_first ? left_length[l] : up_length;                                 \
        const int diagonal_first = diagonal[l] <= side;                                                    \
        const float least = diagonal_first ? diagonal[l] : side;                                           \
        const float steps = diagonal_first ? diagonal_length[l] : side_length;                             \
        diagonal[l] = up;                                                                                  \
        diagonal_length[l] = up_length;                                                                    \
        left[l] = cost[j * LANES + l] = (distance) + least;                                                \
        left_length[l] = length[j * LANES + l] = steps + 1.0f;                                             \
    }

#define WARP(begin_row, begin_cell, distance)                                                              \
    float *restrict cost = work, *restrict length = work + columns * LANES;                                \
    for (long c = 0; c < columns * LANES; c++) {                                                           \
        cost[c] = INFINITY;                                                                                \
        length[c] = 0.0f;                                                                                  \
    }                                                                                                      \
    for (long i = 0; i < rows; i++) {                                                                      \
        float left[LANES], left_length[LANES], diagonal[LANES], diagonal_length[LANES];                    \
        for (int l = 0; l < LANES; l++) {                                                                  \
            left[l] = INFINITY;                                                                            \
            diagonal[l] = i == 0 ? 0.0f : INFINITY;                                                        \
            left_length[l] = diagonal_length[l] = 0.0f;                                                    \
        }                                                                                                  \
        begin_row for (long j = 0; j < columns; j++) {                                                     \
            begin_cell WARP_CELL(distance)                                                                 \
        }                                                                                                  \
    }                                                                                                      \
    for (int l = 0; l < LANES; l++)                                                                        \
        result[l] = lengths[l] == 0 ? 0.0                                                                  \
                                    : (double)cost[(lengths[l] - 1) * LANES + l] /                         \
                                          (double)length[(lengths[l] - 1) * LANES + l];

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
    float *restrict d = work + 2 * columns * LANES;
    for (long c = 0; c < columns * LANES; c++) d[c] = 0.0f;
    WARP(interleave(distances + i * stride, offsets, lengths, d);, , d[j * LANES + l])
}

VQ_KERNEL void vq_warp_units(const int32_t *restrict x, long rows, const int32_t *restrict y, long columns,
                             const int32_t *restrict lengths, float *restrict work, double *restrict result) {
    WARP(, const int32_t *restrict u = y + j * LANES;, u[l] == x[i] ? 0.0f : 1.0f)
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
