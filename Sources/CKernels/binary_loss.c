#include "kernels.h"
#include "vector_math.h"

// Binary cross-entropy with logits, y in {0, 1}: max(x, 0) - x y + log(1 + exp(-|x|)).
VQ_KERNEL double vq_binary_loss(const float *restrict logits, float *restrict gradient, long rows,
                                long copies, float negative_weight) {
    double total = 0.0;
    for (long r = 0; r < rows; r++) {
        double row = 0.0;
        for (long c = 0; c < copies; c++) {
            const float x = logits[r * copies + c];
            const float y = c == 0 ? 1.0f : 0.0f, w = c == 0 ? 1.0f : negative_weight;
            const float e = vq_exp(-fabsf(x));
            const float loss = (x > 0.0f ? x : 0.0f) - x * y + vq_log(1.0f + e);
            row += (double)(w * loss);
            if (gradient) {
                const float inverse = 1.0f / (1.0f + e);
                gradient[r * copies + c] = w * ((x >= 0.0f ? inverse : e * inverse) - y);
            }
        }
        total += row;
    }
    return total;
}
