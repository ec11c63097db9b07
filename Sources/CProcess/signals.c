#define _POSIX_C_SOURCE 200809L
#include "CProcess.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

// A bit for each signal that has arrived and that nobody has been told of.
static _Atomic(uint64_t) arrived;
static sem_t arrivals;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) { sem_init(&arrivals, 0, 0); }

// Runs in the middle of anything: of what it may call this needs neither memory nor descriptors.
static void arrive(int number) {
    const int code = errno;
    atomic_fetch_or(&arrived, UINT64_C(1) << number);
    sem_post(&arrivals);
    errno = code;
}

int vq_listen(int number) {
    pthread_once(&once, prepare);
    struct sigaction action = {.sa_handler = arrive, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(number, &action, NULL) != 0) return errno;
    // A program inherits what the thread that started it had blocked.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, number);
    return pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

int vq_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int vq_next_signal(void) {
    pthread_once(&once, prepare);
    for (;;) {
        const uint64_t numbers = atomic_load(&arrived);
        if (numbers != 0) {
            const int number = __builtin_ctzll(numbers);
            atomic_fetch_and(&arrived, ~(UINT64_C(1) << number));
            return number;
        }
        while (sem_wait(&arrivals) != 0 && errno == EINTR) {}
    }
}
