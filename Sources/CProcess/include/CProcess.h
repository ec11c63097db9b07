// What the system tells a process of itself, and Swift's libraries do not.
#pragma once

// Arguments of the program, its own name first, as the system handed them over; 0 where the C library does not tell.
int vq_argument_count(void);

// As many, and a null pointer.
char *_Nullable *_Nullable vq_arguments(void);

// Cores that the calling thread may run on; 0 where the system does not tell.
int vq_usable_cores(void);
