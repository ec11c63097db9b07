// Distances of frames to centroids, exact to double precision.
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

VQ_INLINE double squared_distance(const float *restrict x, const double *restrict c, long n) {
    double s[8] = {0}, total = 0;
    long i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) {
            const double d = x[i + l] - c[i + l];
            s[l] += d * d;
        }
    for (; i < n; i++) s[0] += (x[i] - c[i]) * (x[i] - c[i]);
    for (int l = 0; l < 8; l++) total += s[l];
    return total;
}

VQ_KERNEL void vq_nearest_centroids(const float *restrict x, long rows, long dimensions,
                                    const double *restrict centroids, const float *restrict norms, long count,
                                    float largest, const float *restrict products, long stride,
                                    int32_t *restrict labels, double *restrict distances) {
    // The error of a product of n terms is at most about n 2^-24 |x| |c|.
    const float error = 4.0f * (float)(dimensions + 2) * 0x1p-24f;
    for (long r = 0; r < rows; r++) {
        const float *restrict row = x + r * dimensions, *restrict p = products + r * stride;
        float best = INFINITY, square = 0;
        for (long v = 0; v < count; v++) {
            const float d = norms[v] - 2.0f * p[v];
            best = d < best ? d : best;
        }
        for (long i = 0; i < dimensions; i++) square += row[i] * row[i];
        const float limit = best + error * largest * (sqrtf(square) + largest);
        long chosen = 0;
        double least = INFINITY;
        for (long v = 0; v < count; v++) {
            // What is not a number is in doubt, too.
            if (norms[v] - 2.0f * p[v] > limit) continue;
            const double d = squared_distance(row, centroids + v * dimensions, dimensions);
            if (d < least) {
                least = d;
                chosen = v;
            }
        }
        labels[r] = (int32_t)chosen;
        distances[r] = least;
    }
}

VQ_KERNEL void vq_add_rounded_rows(double *restrict sum, const float *restrict x, long dimensions,
                                   const int32_t *restrict rows, long count, double rounder) {
    for (long r = 0; r < count; r++) {
        const float *restrict row = x + rows[r] * dimensions;
        for (long i = 0; i < dimensions; i++) sum[i] += (row[i] + rounder) - rounder;
    }
}

VQ_KERNEL float vq_largest_magnitude(const float *restrict x, long n) {
    float best[LANES] = {0};
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            const float v = fabsf(x[i + l]);
            best[l] = v > best[l] ? v : best[l];
        }
    for (; i < n; i++) {
        const float v = fabsf(x[i]);
        best[0] = v > best[0] ? v : best[0];
    }
    return largest_lane(best);
}

VQ_INLINE double nearer(float square, float norm, float product, double known) {
    const double d = (double)square + norm - 2.0 * product;
    return d < 0 ? 0 : d < known ? d : known;
}

VQ_KERNEL void vq_sum_nearer(const float *restrict products, const float *restrict squares, const float *restrict norms,
                             const double *restrict known, long rows, long count, double *restrict sums) {
    for (long v = 0; v < count; v++) sums[v] = 0;
    for (long r = 0; r < rows; r++)
        for (long v = 0; v < count; v++) sums[v] += nearer(squares[r], norms[v], products[r * count + v], known[r]);
}

VQ_KERNEL double vq_keep_nearer(const float *restrict products, const float *restrict squares, float norm,
                                double *restrict known, long rows, long count) {
    double sum = 0;
    for (long r = 0; r < rows; r++) sum += known[r] = nearer(squares[r], norm, products[r * count], known[r]);
    return sum;
}
