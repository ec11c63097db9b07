#include "kernels.h"
#include "vector_math.h"

VQ_KERNEL void vq_adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v,
                       long n, float beta1, float rest1, float beta2, float rest2, float epsilon, float step,
                       float decay) {
    for (long i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        p[i] = p[i] * decay - step * (m[i] / (__builtin_elementwise_sqrt(v[i]) + epsilon));
    }
}
