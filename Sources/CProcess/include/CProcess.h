// What the system tells a process, and what the sanitizers are told, which Swift's libraries have no functions for.
#pragma once

#include <stddef.h>

// Arguments of the program, its own name first, as the system handed them over; 0 where the C library does not tell.
int vq_argument_count(void);

// As many, and a null pointer.
char *_Nullable *_Nullable vq_arguments(void);

// Cores that the calling thread may run on; 0 where the system does not tell.
int vq_usable_cores(void);

// From here on a signal (below 64) arrives at vq_next_signal, in place of its action; the calling thread does not block it any
// more. 0, or the errno of the failure.
int vq_listen(int number);

// Whether a signal is ignored, as nohup asks for.
int vq_is_ignored(int number);

// Waits for a signal that is listened to, on a thread that does nothing else, and returns it.
int vq_next_signal(void);

// Address sanitizer knows what malloc gave out, and not how that is cut into parts: these tell it, and do nothing in a program
// without it. From vq_forbid to vq_allow an access ends the program with a report.
void vq_forbid(const void *_Nonnull start, size_t bytes);
void vq_allow(const void *_Nonnull start, size_t bytes);

// Whether an access to a byte would end the program.
int vq_is_forbidden(const void *_Nonnull place);

// Bytes to leave behind each part and forbid; 0 without Address sanitizer.
size_t vq_bytes_between_parts(void);

// Around giving the files of one output their names, also one within another: who calls vq_hold_names before it ends
// the program does not end it in between. There is a reserve of memory meanwhile.
void vq_begin_naming(void);
void vq_end_naming(void);

// Frees the reserve of the calling thread, for an allocation that has failed to be tried again; 0 where there is none.
int vq_give_up_reserve(void);

// Waits until no other thread is giving names, but for ten seconds at most; none begins again before vq_release_names.
void vq_hold_names(void);
void vq_release_names(void);
