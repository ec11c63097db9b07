// Versions before 1.31 know the functions with enumerations only.
#define MPG123_ENUM_API
#include <mpg123.h>
