// Who links this target has the functions of exhaustion.c in place of the C library's.
#pragma once

// The program is ending with a line that says why: an allocation that fails from now on, as of a library's own end, says
// nothing more.
void vq_end_is_explained(void);
