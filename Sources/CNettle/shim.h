#include <nettle/sha2.h>

// nettle's names are macros over prefixed ones, which Swift does not see.
static inline void vq_sha256_init(struct sha256_ctx *context) { sha256_init(context); }

static inline void vq_sha256_update(struct sha256_ctx *context, size_t length, const uint8_t *data) {
    sha256_update(context, length, data);
}

static inline void vq_sha256_digest(struct sha256_ctx *context, uint8_t *digest) {
    sha256_digest(context, SHA256_DIGEST_SIZE, digest);
}
