#include "CProcess.h"

#if __has_feature(address_sanitizer)

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
