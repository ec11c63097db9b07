#include "bfloat16.h"

#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
#include <cpuid.h>
#include <immintrin.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// A tile has 16 rows of 64 bytes: a panel of pairs of 16 rows of a, 16 pairs of 16 columns of b, or 16 x 16 sums.
enum { TILE = 16, BLOCK = 2 * TILE };

#define ATTRIBUTES __attribute__((target("arch=x86-64-v4,amx-tile,amx-bf16,avx512bf16")))

typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_shapes;

// A panel of pairs of up to 32 rows, zeros behind the last row and the last pair.
static void copy_left(uint32_t *to, const uint32_t *a, left_pair_steps step, long rows, long pairs) {
    for (long i = 0; i < BLOCK; i++)
        for (long k = 0; k < PANEL_PAIRS; k++)
            to[i * PANEL_PAIRS + k] = i < rows && k < pairs ? a[i * step.row + k * step.pair] : 0;
}

static void copy_right(uint32_t *to, const uint32_t *b, long b_row, long pairs) {
    for (long k = 0; k < PANEL_PAIRS; k++)
        for (long j = 0; j < VQ_PANEL; j++) to[k * VQ_PANEL + j] = k < pairs ? b[k * b_row + j] : 0;
}

// Tiles 0 to 3 are sums of two tiles of rows, 4 and 5, and two of columns, 6 and 7.
ATTRIBUTES static void block(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *sums,
                             long rows, long pairs) {
    uint32_t left[BLOCK * PANEL_PAIRS], right[PANEL_PAIRS * VQ_PANEL];
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (long k = 0; k < pairs; k += PANEL_PAIRS) {
        const long count = pairs - k < PANEL_PAIRS ? pairs - k : PANEL_PAIRS;
        const int isWhole = count == PANEL_PAIRS;
        // What lies there as a tile reads it need not be copied.
        const int isInPlace = isWhole && rows >= BLOCK && step.pair == 1;
        if (!isInPlace) copy_left(left, a, step, rows, count);
        if (!isWhole) copy_right(right, b, b_row, count);
        const uint32_t *from = isInPlace ? a : left, *columns = isWhole ? b : right;
        const long row = 4 * (isInPlace ? step.row : PANEL_PAIRS), column = 4 * (isWhole ? b_row : VQ_PANEL);
        _tile_loadd(4, from, row);
        _tile_loadd(5, from + TILE * row / 4, row);
        _tile_loadd(6, columns, column);
        _tile_loadd(7, columns + TILE, column);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
        a += step.panel;
        b += PANEL_PAIRS * b_row;
    }
    const long row = 4 * VQ_PANEL;
    _tile_stored(0, sums, row);
    _tile_stored(1, sums + TILE, row);
    _tile_stored(2, sums + TILE * VQ_PANEL, row);
    _tile_stored(3, sums + TILE * VQ_PANEL + TILE, row);
}

ATTRIBUTES void bfloat16_amx(const uint32_t *a, left_pair_steps step, const uint32_t *b, long b_row, float *c,
                             long c_row, long rows, long pairs, long columns, int accumulate) {
    tile_shapes shapes = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) shapes.rows[tile] = TILE, shapes.row_bytes[tile] = 4 * TILE;
    _tile_loadconfig(&shapes);
    for (long first = 0; first < rows; first += BLOCK) {
        const long count = rows - first < BLOCK ? rows - first : BLOCK;
        float sums[BLOCK * VQ_PANEL];
        block(a + first * step.row, step, b, b_row, sums, count, pairs);
        for (long i = 0; i < count; i++)
            for (long j = 0; j < columns; j++) {
                float *result = c + (first + i) * c_row + j;
                const float sum = sums[i * VQ_PANEL + j];
                *result = accumulate ? *result + sum : sum;
            }
    }
    _tile_release();
}

// Whether processor and system have the tiles, and let this process use them.
static int grants_tiles(void) {
    unsigned a, b, c, d;
    const unsigned bf16_and_tiles = 1u << 22 | 1u << 24;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & bf16_and_tiles) != bf16_and_tiles) return 0;
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA) == 0;
}

vq_bfloat16_instructions vq_fastest_bfloat16_instructions(void) {
    if (!__builtin_cpu_supports("x86-64-v4") || !__builtin_cpu_supports("avx512bf16")) return VQ_BFLOAT16_NONE;
    return grants_tiles() ? VQ_BFLOAT16_AMX : VQ_BFLOAT16_AVX512;
}
#else
vq_bfloat16_instructions vq_fastest_bfloat16_instructions(void) { return VQ_BFLOAT16_NONE; }
#endif
