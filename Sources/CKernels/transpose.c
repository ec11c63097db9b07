#include "kernels.h"
#include "vector_math.h"

typedef float row8 __attribute__((vector_size(32), aligned(sizeof(float))));

// Rows i and i + `distance` exchange the halves of which every other stretch of `distance` columns consists.
#define EXCHANGE(i, distance)                                                                              \
    {                                                                                                      \
        const row8 upper = x[i], lower = x[(i) + (distance)];                                              \
        x[i] = __builtin_shufflevector(upper, lower, FIRST_##distance);                                    \
        x[(i) + (distance)] = __builtin_shufflevector(upper, lower, SECOND_##distance);                    \
    }
#define FIRST_4 0, 1, 2, 3, 8, 9, 10, 11
#define SECOND_4 4, 5, 6, 7, 12, 13, 14, 15
#define FIRST_2 0, 1, 8, 9, 4, 5, 12, 13
#define SECOND_2 2, 3, 10, 11, 6, 7, 14, 15
#define FIRST_1 0, 8, 2, 10, 4, 12, 6, 14
#define SECOND_1 1, 9, 3, 11, 5, 13, 7, 15

VQ_INLINE void transpose_block(const float *restrict from, long from_row, float *restrict to, long to_row) {
    row8 x[8];
    for (int i = 0; i < 8; i++) x[i] = *(const row8 *)(from + i * from_row);
    EXCHANGE(0, 4) EXCHANGE(1, 4) EXCHANGE(2, 4) EXCHANGE(3, 4)
    EXCHANGE(0, 2) EXCHANGE(1, 2) EXCHANGE(4, 2) EXCHANGE(5, 2)
    EXCHANGE(0, 1) EXCHANGE(2, 1) EXCHANGE(4, 1) EXCHANGE(6, 1)
    for (int i = 0; i < 8; i++) *(row8 *)(to + i * to_row) = x[i];
}

VQ_KERNEL void vq_transpose(const float *restrict x, long x_stride, float *restrict y, long rows, long columns) {
    const long ahead = 64;
    for (long c = 0; c < columns; c += 8)
        for (long r = 0; r < rows; r += 8) {
            if (r + 8 <= rows && c + 8 <= columns) {
                // As many streams as rows are more than the hardware fetches ahead.
                for (int i = 0; i < 8; i++) __builtin_prefetch(x + (r + i) * x_stride + c + ahead);
                transpose_block(x + r * x_stride + c, x_stride, y + c * rows + r, rows);
                continue;
            }
            for (long j = c; j < columns && j < c + 8; j++)
                for (long i = r; i < rows && i < r + 8; i++) y[j * rows + i] = x[i * x_stride + j];
        }
}
