// Nothing to call: who links this target has the functions of exhaustion.c in place of the C library's.
#pragma once
