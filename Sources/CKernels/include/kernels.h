// Vectorised loops over float32 arrays, single-threaded; the Swift side cuts the work into tiles.
// Matrices are row-major; `stride` is the distance between the starts of two rows, in floats.
#pragma once
#include <stdint.h>

// What is not a number stays so, where dropout does not drop it, and indices are inside their rows
// whatever the values.

// Nonlinearities of a block. The values of all `activation` arguments.
enum { VQ_IDENTITY = 0, VQ_RELU = 1, VQ_GELU = 2 };

// y = act(x); dx = dy * act'(x). GELU is exact: x Phi(x).
void vq_activate(const float *x, float *y, long n, int activation);
void vq_activate_backward(const float *x, const float *dy, float *dx, long n, int activation);

// y = log(1 + |x|); dx = dy * sign(x) / (1 + |x|).
void vq_log_compress(const float *x, float *y, long n);
void vq_log_compress_backward(const float *x, const float *dy, float *dx, long n);

// Group norm. Sum and sum of squares of a block [rows, channels], in double precision.
void vq_moments(const float *x, long rows, long stride, long channels, double *sum, double *squares);
// y = act(x * scale[c] + shift[c]); where `residual` is not null, y = (act(...) + residual) * sum_scale.
void vq_scale_shift_activate(const float *x, float *y, long rows, long channels, const float *scale,
                             const float *shift, int activation, const float *residual,
                             long residual_stride, float sum_scale);
// The same of a convolution over a waveform x, y[t, c] = act(scale[c] * sum_j x[t * stride + j] *
// weight[j, c] + shift[c]), without storing the convolution. Reads (frames - 1) * stride + kernel floats; rows of y are
// y_stride floats apart.
void vq_waveform_block(const float *x, long frames, long stride, long kernel, const float *weight, float *y,
                       long y_stride, long channels, const float *scale, const float *shift, int activation);
// With u the argument of act above and du = dy * act'(u): adds to sum_du[c] the sum of du over frames, and to
// sum_dux[j, c] that of du * x[t * stride + j].
void vq_waveform_block_backward(const float *x, long frames, long stride, long kernel, const float *weight,
                                const float *dy, long dy_stride, long channels, const float *scale,
                                const float *shift, int activation, float *sum_du, float *sum_dux);
// Adds to sum[j] the sum over frames t of x[t * stride + j] and to products[j, i] that of
// x[t * stride + j] * x[t * stride + i], for j and i below `kernel`, in double precision.
void vq_window_moments(const float *x, long frames, long stride, long kernel, double *sum, double *products);
// du = dy * act'(x * scale[c] + shift[c]); adds to sum_du[c] the sum of du and to sum_dux[c] that of
// du * (x * rstd[c] + offset[c]), which is du times the normalised x. Where `dresidual` is not null, it gets
// dy * sum_scale, and that stands for dy.
void vq_norm_backward_sums(const float *x, const float *dy, float *du, long rows, long channels,
                           const float *scale, const float *shift, const float *rstd, const float *offset,
                           int activation, float *sum_du, float *sum_dux, float *dresidual,
                           long residual_stride, float sum_scale);
// du = du * a[c] + x * b[c] + k[c], in place.
void vq_norm_backward_combine(const float *x, float *du, long rows, long channels, const float *a,
                              const float *b, const float *k);

// Layer norm, each row for itself: y = act((x - mean) * rstd * weight[c] + bias[c]), with mean and
// rstd = 1 / sqrt(variance + 1e-5) over the row; where `residual` is not null, y = (act(...) + residual) * sum_scale.
// Where `statistics` is not null, it gets mean and rstd of every row.
void vq_layer_norm(const float *x, float *y, float *statistics, long rows, long channels, const float *weight,
                   const float *bias, int activation, const float *residual, long residual_stride,
                   float sum_scale);
// With u the argument of act and du = dy * act'(u): dx, and adds to sum_du[c] the sum of du, to sum_dux[c] that of
// du times the normalised x. Where `dresidual` is not null, it gets dy * sum_scale, and that stands for dy.
void vq_layer_norm_backward(const float *x, const float *dy, float *dx, const float *statistics, long rows,
                            long channels, const float *weight, const float *bias, int activation,
                            float *sum_du, float *sum_dux, float *dresidual, long residual_stride,
                            float sum_scale);

// y += x; y = (x + r) * s; x *= s; y += s * x; sum[c] += column sums of x; the sum of x * x.
void vq_add(float *y, const float *x, long n);
void vq_sum_scale(const float *x, const float *r, float *y, long n, float s);
void vq_scale(float *x, long n, float s);
void vq_add_scaled(float *y, const float *x, float s, long n);
void vq_column_sums(const float *x, long rows, long stride, long channels, double *sum);
double vq_sum_of_squares(const float *x, long n);
// The index of the first value that is not finite, or -1.
long vq_first_non_finite(const float *x, long n);

// Attention: the softmax of scores s * scale of some queries, of which a block of keys comes at a time, [rows, n], rows
// `stride` floats apart. In place: exp(s * scale - top[r]), where `top` is the largest of all blocks so far, at first
// -infinity; `sum` of each row adds up, at first 0; what was computed with an earlier `top` is to be multiplied by
// `factor`.
void vq_attention_weights(float *s, long rows, long n, long stride, float scale, float *top, float *sum, float *factor);
// With p = exp(s * scale - log_sums[r]): s = p * mask, and dp = p * (dp * mask - means[r]) * scale, in place; without a
// mask, which may be null, of ones.
void vq_attention_gradient(float *s, float *dp, const float *mask, long rows, long n, long stride, float scale,
                           const float *log_sums, const float *means);
// <x, y> of each row of [rows, n], rows of both `stride` floats apart.
void vq_row_products(const float *x, const float *y, long rows, long n, long stride, float *products);
// Per row of [rows, n]: p = softmax((x + noise) * scale), or the index of the largest x + noise, the first one on
// ties. The noise may be null.
void vq_softmax_rows(const float *x, const float *noise, float *p, long rows, long n, float scale);
void vq_argmax_rows(const float *x, const float *noise, int32_t *index, long rows, long n);
// dx = scale * p * (dp - sum(p * dp)) per row; dx may be dp.
void vq_softmax_backward_rows(const float *p, const float *dp, float *dx, long rows, long n, float scale);
// Per row: the index of the smallest norms[v] - 2 * products[v], the first one on ties.
void vq_nearest_rows(const float *products, const float *norms, int32_t *index, long rows, long n);

// out[a * nb + b] = <rows_a, rows_b> over n floats.
void vq_dot_products(const float *const *rows_a, long na, const float *const *rows_b, long nb, long n,
                     float *out);
// out[j] += sum_i weight[i * weight_stride] * rows[i][j] for j in [0, n).
void vq_add_weighted_rows(float *out, const float *const *rows, const float *weight, long weight_stride,
                          long count, long n);

// Binary cross-entropy of rows of `copies` logits, the first one positive with weight 1, the others
// negative with weight `negative_weight`. Returns the summed loss in nats; writes the gradient where
// `gradient` is not null.
double vq_binary_loss(const float *logits, float *gradient, long rows, long copies, float negative_weight);

// Softmax cross-entropy of rows of `copies` logits, the first one true: returns the summed loss in nats and writes its
// gradient, softmax - onehot(0).
double vq_softmax_loss(const float *logits, float *gradient, long rows, long copies);

// Philox 4x32-10: the words of the counters (0, update, item, draw), (1, update, item, draw), ...
// Gumbel noise -log(-log u), u uniform in the open interval (0, 1).
void vq_gumbel_noise(float *out, long n, uint32_t key0, uint32_t key1, uint32_t update, uint32_t item,
                     uint32_t draw);
// Dropout: y = x * keep_scale where u >= rate, else 0, with u uniform in (0, 1). x may be y. The counters begin with
// (first_block, update, item, draw); vq_dropout_row are as many blocks as a row of `width` values needs.
void vq_dropout(const float *x, float *y, long n, float rate, uint32_t key0, uint32_t key1,
                uint32_t update, uint32_t item, uint32_t draw, long first_block);
long vq_dropout_row(long width);
// Values whose numbers are drawn together: where a row is drawn in parts, they begin with a multiple of it.
long vq_dropout_unit(void);

// Adam with decoupled weight decay: see AdamStep.swift. rest1 = 1 - beta1, rounded once.
void vq_adam(float *p, const float *g, float *m, float *v, long n, float beta1, float rest1, float beta2,
             float rest2, float epsilon, float step, float decay);

// A matrix, its columns in panels of VQ_PANEL: element (r, c) is base[r * row + c / VQ_PANEL * panel + c % VQ_PANEL].
// Where `panel` is VQ_PANEL that is a row-major matrix.
enum { VQ_PANEL = 32 };
typedef struct {
    float *base;
    long row;
    long panel;
} vq_matrix;

// What products are compiled for, from the narrowest; those that this machine has not must not be asked for.
typedef enum { VQ_PORTABLE, VQ_AVX2, VQ_AVX512 } vq_instructions;
vq_instructions vq_widest_instructions(void);

// c = a b, or transposed a times b, [rows, depth] x [depth, columns]; added to c where asked. Operands are read
// where they lie: rows of a panel of b are best close together, and no rows powers of two apart.
void vq_product(vq_instructions instructions, vq_matrix a, int transpose_a, vq_matrix b, vq_matrix c, long rows,
                long depth, long columns, int accumulate);
// bfloat16 is the upper half of a float. Products sum over pairs of successive values, the first in the lower half of 32
// bits; behind an odd number of values there is a zero. An operand is one of two kinds:
// - rows of pairs: of the values (r, 2p) and (r, 2p + 1) the pair is base[r * row + p / 16 * panel + p % 16];
// - pairs of rows: of the values (2p, c) and (2p + 1, c) it is base[p * row + c / VQ_PANEL * panel + c % VQ_PANEL],
//   where panels are whole, with zeros behind the last column.
typedef struct {
    uint32_t *base;
    long row;
    long panel;
} vq_pairs;

// What products of bfloat16 are compiled for: vdpbf16ps, or AMX's tiles; for tests, the same bits in plain C.
typedef enum {
    VQ_BFLOAT16_NONE,
    VQ_BFLOAT16_AVX512,
    VQ_BFLOAT16_AMX,
    VQ_BFLOAT16_EMULATED_AVX512,
    VQ_BFLOAT16_EMULATED_AMX,
    // The code for AMX with tiles in plain C.
    VQ_BFLOAT16_PLAIN_TILES
} vq_bfloat16_instructions;
// The fastest that the processor and the system have; what these lack must not be asked for. The first call asks the
// system for the tiles.
vq_bfloat16_instructions vq_fastest_bfloat16_instructions(void);

// c = a b, or c + a b, with 2 * pairs summands, sums in float32: a is rows of pairs, or, where it is to be transposed,
// pairs of rows; b is pairs of rows. The sums of AVX-512 and AMX have orders of their own.
void vq_bfloat16_product(vq_bfloat16_instructions instructions, vq_pairs a, int transpose_a, vq_pairs b, vq_matrix c,
                         long rows, long pairs, long columns, int accumulate);
// Rounds x to the nearest, ties to even, what is below the smallest normal float to zero: to rows of pairs.
void vq_round_to_rows(vq_bfloat16_instructions instructions, vq_matrix x, vq_pairs y, long rows, long columns);
// The same, to pairs of rows: row r of y pairs those of x and of `odd`, whose base may be null for zeros.
void vq_round_to_pairs(vq_bfloat16_instructions instructions, vq_matrix x, vq_matrix odd, vq_pairs y, long rows,
                       long columns);
// Rounds x transposed, to pairs of rows [columns of x, rows of x]; the last panel is written whole, with zeros behind the
// last row of x.
void vq_round_transposed(vq_bfloat16_instructions instructions, vq_matrix x, vq_pairs y, long rows, long columns);
// Rounds sums of few terms to pairs of rows, y_r = sum over j of transform[r, j] x_j, all [rows, VQ_PANEL]: row d of x_j is at
// x.base + j * x.row + d * x.panel, pairs of rows d and d + 1 of y_r are at y.base + r * y.row + d / 2 * y.panel.
void vq_transform_to_pairs(vq_bfloat16_instructions instructions, vq_matrix transform, vq_matrix x, vq_pairs y,
                           long products, long terms, long rows);
// y[c, r] = x[r, c] for x [rows, columns].
void vq_transpose(const float *x, long x_stride, float *y, long rows, long columns);

// The first size / 2 values |X_k|^2 of the Fourier transform of frames f, x[f * shift] ..., each of `width` samples
// less their mean, y[i] - emphasis * y[i - 1] (y[-1] = y[0]) times the window, and zeros up to `size`, a power of two.
// `twiddles` are cos and sin of -2 pi k / size for k < size / 2, `work` has 16 * size values.
void vq_power_spectra(const float *x, long frames, long shift, long width, double emphasis, const double *window,
                      const double *twiddles, long size, double *work, double *power);

// Per row of x [rows, dimensions] the nearest of `count` centroids by squared Euclidean distance, the first one on
// ties, and that distance, in double precision. `products` are x times centroids transposed in single precision, rows
// `stride` floats apart, `norms` the centroids' squares; whatever their rounding leaves in doubt, as it does all where
// one is infinite, is computed anew. `largest` is the root of the largest norm.
void vq_nearest_centroids(const float *x, long rows, long dimensions, const double *centroids, const float *norms,
                          long count, float largest, const float *products, long stride, int32_t *labels,
                          double *distances);
// sum += x[rows[0]] + x[rows[1]] ..., each value rounded to a multiple of rounder / (1.5 * 2^52), a power of two.
void vq_add_rounded_rows(double *sum, const float *x, long dimensions, const int32_t *rows, long count, double rounder);
// max |x|; NaN is left out.
float vq_largest_magnitude(const float *x, long n);

// Dynamic time warping of x, `rows` frames, with sixteen others of at most `columns` frames, lane l of `lengths[l]`:
// steps down, right and diagonal of equal weight. result[l] = cost of the best path / cells on it, where ties on the way
// back from its end go diagonally, then to the left. The distances of row i to lane l begin at
// distances[i * stride + offsets[l]]; `work` has 48 * columns values.
void vq_warp(const float *distances, long stride, const int32_t *offsets, long rows, long columns,
             const int32_t *lengths, float *work, double *result);
// The same of units, whose distance is 0 or 1; y is [columns, 16].
void vq_warp_units(const int32_t *x, long rows, const int32_t *y, long columns, const int32_t *lengths, float *work,
                   double *result);
// Edit distance / longer length of the same; `work` has 16 * (columns + 1) values.
void vq_edit_units(const int32_t *x, long rows, const int32_t *y, long columns, const int32_t *lengths, float *work,
                   double *result);

// Distances of the frame x to the frames y [columns, dimensions], in place of their products. arccos(cos) / pi, where
// the scales are 1 / |x| and 1 / |y|; |x - y|, where the squares are |x|^2 and |y|^2; half the symmetric divergence of
// p and q, rows [p, ln(p + 1e-6)] and [ln(q + 1e-6), q], where the selves are the sums of p ln(p + 1e-6).
void vq_angular_distances(float *d, long columns, const float *x, const float *y, long dimensions, float scale,
                          const float *scales);
void vq_euclidean_distances(float *d, long columns, const float *x, const float *y, long dimensions, float square,
                            const float *squares);
void vq_divergences(float *d, long columns, const float *x, const float *y, long dimensions, float self,
                    const float *selves);
// For each of `count` candidates the sum over frames of the squared distance to it, or to what is known and nearer;
// `products` are [rows, count]. The second keeps the smaller distances to one of them, and returns their sum.
void vq_sum_nearer(const float *products, const float *squares, const float *norms, const double *known, long rows,
                   long count, double *sums);
double vq_keep_nearer(const float *products, const float *squares, float norm, double *known, long rows, long count);
