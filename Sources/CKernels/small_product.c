#include "kernels.h"
#include "vector_math.h"

// Six rows of sixteen columns: twelve 8-wide accumulators leave room for the operands in sixteen registers.
enum { ROWS = 6, COLUMNS = 16 };

// acc[i][c] = sum over k of a[i * row_step + k * depth_step] * x[k * x_stride + c], for rows that are a constant.
VQ_INLINE void vq_product_block(const float *restrict a, long row_step, long depth_step,
                                const float *restrict x, long x_stride, float *restrict y, long y_stride,
                                int rows, long depth, int accumulate) {
    float acc[ROWS][COLUMNS];
    for (int i = 0; i < rows; i++)
        for (int c = 0; c < COLUMNS; c++) acc[i][c] = accumulate ? y[i * y_stride + c] : 0.0f;
    for (long k = 0; k < depth; k++) {
        const float *restrict xk = x + k * x_stride;
        for (int i = 0; i < rows; i++) {
            const float factor = a[i * row_step + k * depth_step];
            for (int c = 0; c < COLUMNS; c++) acc[i][c] += factor * xk[c];
        }
    }
    for (int i = 0; i < rows; i++)
        for (int c = 0; c < COLUMNS; c++) y[i * y_stride + c] = acc[i][c];
}

VQ_KERNEL void vq_small_product(const float *restrict a, long row_step, long depth_step,
                                const float *restrict x, long x_stride, float *restrict y, long y_stride,
                                long rows, long depth, long columns, int accumulate) {
    long c = 0;
    for (; c + COLUMNS <= columns; c += COLUMNS) {
        long r = 0;
        for (; r + ROWS <= rows; r += ROWS)
            vq_product_block(a + r * row_step, row_step, depth_step, x + c, x_stride, y + r * y_stride + c,
                             y_stride, ROWS, depth, accumulate);
        const float *rest = a + r * row_step;
        float *yr = y + r * y_stride + c;
        switch (rows - r) {
        case 5: vq_product_block(rest, row_step, depth_step, x + c, x_stride, yr, y_stride, 5, depth, accumulate); break;
        case 4: vq_product_block(rest, row_step, depth_step, x + c, x_stride, yr, y_stride, 4, depth, accumulate); break;
        case 3: vq_product_block(rest, row_step, depth_step, x + c, x_stride, yr, y_stride, 3, depth, accumulate); break;
        case 2: vq_product_block(rest, row_step, depth_step, x + c, x_stride, yr, y_stride, 2, depth, accumulate); break;
        case 1: vq_product_block(rest, row_step, depth_step, x + c, x_stride, yr, y_stride, 1, depth, accumulate); break;
        default: break;
        }
    }
    for (; c < columns; c++)
        for (long r = 0; r < rows; r++) {
            float sum = accumulate ? y[r * y_stride + c] : 0.0f;
            for (long k = 0; k < depth; k++) sum += a[r * row_step + k * depth_step] * x[k * x_stride + c];
            y[r * y_stride + c] = sum;
        }
}
