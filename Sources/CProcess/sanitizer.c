#include "CProcess.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VQ_HAS_ADDRESS_SANITIZER
#endif
#endif

#ifdef VQ_HAS_ADDRESS_SANITIZER

#include <sanitizer/asan_interface.h>

size_t vq_bytes_between_parts(void) { return 64; }
void vq_forbid(const void *start, size_t bytes) { __asan_poison_memory_region(start, bytes); }
void vq_allow(const void *start, size_t bytes) { __asan_unpoison_memory_region(start, bytes); }
int vq_is_forbidden(const void *place) { return __asan_address_is_poisoned(place); }

#else

size_t vq_bytes_between_parts(void) { return 0; }
void vq_forbid(const void *start, size_t bytes) { (void)start, (void)bytes; }
void vq_allow(const void *start, size_t bytes) { (void)start, (void)bytes; }
int vq_is_forbidden(const void *place) { return (void)place, 0; }

#endif
