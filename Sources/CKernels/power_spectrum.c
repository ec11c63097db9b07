// Power spectra of overlapping frames of a waveform, in double precision (Cooley and Tukey 1965).
#include "kernels.h"
#include "vector_math.h"

// Frames go through the transform side by side: 8 lanes, and in each lane one frame as the real part and one as the
// imaginary part.
enum { SIDE = 8 };

VQ_KERNEL void vq_power_spectra(const float *restrict x, long frames, long shift, long width, double emphasis,
                                const double *restrict window, const double *restrict twiddles, long size,
                                double *restrict work, double *restrict power) {
    double *restrict re = work, *restrict im = work + size * SIDE;
    const long bins = size / 2;
    for (long first = 0; first < frames; first += 2 * SIDE) {
        for (long i = 0; i < size * SIDE; i++) re[i] = im[i] = 0.0;
        for (long f = 0; f < 2 * SIDE && first + f < frames; f++) {
            const float *frame = x + (first + f) * shift;
            double *restrict part = f < SIDE ? re : im;
            const long lane = f % SIDE;
            double mean = 0;
            for (long i = 0; i < width; i++) mean += frame[i];
            mean /= (double)width;
            double before = frame[0] - mean;
            for (long i = 0; i < width; i++) {
                const double value = frame[i] - mean;
                // Places with their bits in reverse order are what the transform begins with.
                long place = 0;
                for (long bit = 1, other = size / 2; other > 0; bit <<= 1, other >>= 1)
                    if (i & bit) place |= other;
                part[place * SIDE + lane] = (value - emphasis * before) * window[i];
                before = value;
            }
        }
        for (long half = 1; half < size; half *= 2) {
            const long step = size / (2 * half);
            for (long start = 0; start < size; start += 2 * half)
                for (long k = 0; k < half; k++) {
                    const double c = twiddles[2 * k * step], s = twiddles[2 * k * step + 1];
                    double *restrict ar = re + (start + k) * SIDE, *restrict ai = im + (start + k) * SIDE;
                    double *restrict br = ar + half * SIDE, *restrict bi = ai + half * SIDE;
                    for (long l = 0; l < SIDE; l++) {
                        const double tr = br[l] * c - bi[l] * s, ti = br[l] * s + bi[l] * c;
                        br[l] = ar[l] - tr;
                        bi[l] = ai[l] - ti;
                        ar[l] += tr;
                        ai[l] += ti;
                    }
                }
        }
        // Z = X + iY of two real frames: X = (Z[k] + conj Z[-k]) / 2, Y = (Z[k] - conj Z[-k]) / 2i.
        for (long f = 0; f < 2 * SIDE && first + f < frames; f++) {
            const double sign = f < SIDE ? 1.0 : -1.0;
            const long lane = f % SIDE;
            double *restrict out = power + (first + f) * bins;
            for (long k = 0; k < bins; k++) {
                const long a = k * SIDE + lane, b = (k == 0 ? 0 : size - k) * SIDE + lane;
                const double r = re[a] + sign * re[b], i = im[a] - sign * im[b];
                out[k] = 0.25 * (r * r + i * i);
            }
        }
    }
}
