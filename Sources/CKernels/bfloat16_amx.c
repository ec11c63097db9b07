#include "bfloat16.h"

enum { TILE_ROWS = 16, BLOCK_ROWS = 2 * TILE_ROWS };

// A panel of pairs of up to 32 rows, zeros behind the last row and the last pair.
static void copy_left(uint32_t *to, const uint32_t *a, left_pair_steps step, long rows, long pairs) {
    for (long i = 0; i < BLOCK_ROWS; i++)
        for (long k = 0; k < PANEL_PAIRS; k++)
            to[i * PANEL_PAIRS + k] = i < rows && k < pairs ? a[i * step.row + k * step.pair] : 0;
}

static void copy_right(uint32_t *to, const uint32_t *b, long b_row, long pairs) {
    for (long k = 0; k < PANEL_PAIRS; k++)
        for (long j = 0; j < VQ_PANEL; j++) to[k * VQ_PANEL + j] = k < pairs ? b[k * b_row + j] : 0;
}

// Tiles in plain C, by which tests see that the product by tiles is what it should be where there is no AMX.
typedef struct {
    uint32_t rows[TILE_ROWS][TILE_ROWS];
} plain_tile;

static void plain_load(plain_tile *tile, const void *base, long row) {
    for (int i = 0; i < TILE_ROWS; i++) memcpy(tile->rows[i], (const char *)base + i * row, sizeof tile->rows[i]);
}

static void plain_store(const plain_tile *tile, void *base, long row) {
    for (int i = 0; i < TILE_ROWS; i++) memcpy((char *)base + i * row, tile->rows[i], sizeof tile->rows[i]);
}

// As tdpbf16ps is documented: the sums of first and second factors run apart.
static void plain_multiply(plain_tile *sums, const plain_tile *a, const plain_tile *b) {
    for (int i = 0; i < TILE_ROWS; i++)
        for (int j = 0; j < TILE_ROWS; j++) {
            float first = 0, second = 0;
            for (int k = 0; k < PANEL_PAIRS; k++) {
                const uint32_t x = a->rows[i][k], y = b->rows[k][j];
                first = flushed_multiply_add(first_of(x), first_of(y), first);
                second = flushed_multiply_add(second_of(x), second_of(y), second);
            }
            const float sum = vq_bits_to_float((int32_t)sums->rows[i][j]) + flushed(first + second);
            sums->rows[i][j] = flush((uint32_t)vq_float_to_bits(sum));
        }
}

#undef ATTRIBUTES
#define NAME bfloat16_plain_tiles
#define ATTRIBUTES
#define TILES_BEGIN
#define TILES_END
#define TILE_ZERO(tile) memset(&tiles[tile], 0, sizeof tiles[tile])
#define TILE_LOAD(tile, base, row) plain_load(&tiles[tile], base, row)
#define TILE_STORE(tile, base, row) plain_store(&tiles[tile], base, row)
#define TILE_MULTIPLY(sums, a, b) plain_multiply(&tiles[sums], &tiles[a], &tiles[b])
static _Thread_local plain_tile tiles[8];
#include "bfloat16_tiles.h"

#if defined(__x86_64__) && defined(__linux__) && !defined(VQ_BASELINE)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_shapes;

static const tile_shapes whole_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

#define NAME bfloat16_amx
#define ATTRIBUTES __attribute__((target("arch=x86-64-v4,amx-tile,amx-bf16,avx512bf16")))
#define TILES_BEGIN _tile_loadconfig(&whole_tiles)
#define TILES_END _tile_release()
#define TILE_ZERO(tile) _tile_zero(tile)
#define TILE_LOAD(tile, base, row) _tile_loadd(tile, base, row)
#define TILE_STORE(tile, base, row) _tile_stored(tile, base, row)
#define TILE_MULTIPLY(sums, a, b) _tile_dpbf16ps(sums, a, b)
#include "bfloat16_tiles.h"

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
