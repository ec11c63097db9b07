// glibc 2.35 gave hypot a new version, and Foundation, linked here, would need that one, of which no call comes into question:
// with the version of before, programs run where glibc is 2.34, as on RHEL 9. Linked with --wrap=hypot,--wrap=hypotf.
#if defined(__x86_64__)
#define OLD "GLIBC_2.2.5"
#else
#define OLD "GLIBC_2.17"
#endif
double old_hypot(double x, double y);
float old_hypotf(float x, float y);
__asm__(".symver old_hypot, hypot@" OLD);
__asm__(".symver old_hypotf, hypotf@" OLD);

double __wrap_hypot(double x, double y);
float __wrap_hypotf(float x, float y);
double __wrap_hypot(double x, double y) { return old_hypot(x, y); }
float __wrap_hypotf(float x, float y) { return old_hypotf(x, y); }
