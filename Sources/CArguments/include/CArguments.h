#ifndef VQ_ARGUMENTS_H
#define VQ_ARGUMENTS_H

/// Arguments of the program, its own name first, as the system handed them over; 0 where the C library does not tell.
int vq_argument_count(void);

/// As many, and a null pointer.
char *_Nullable *_Nullable vq_arguments(void);

#endif
