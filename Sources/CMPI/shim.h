// MPI as Swift can import it: its handles and types are macros, so what uses them stands here.
#pragma once
#include <mpi.h>
#include <stddef.h>

// All return MPI's error code, MPI_SUCCESS (0) where there was none.

// Errors come back as codes instead of ending the process. Calls may come from several threads, one after the other.
static inline int vq_mpi_begin(void) {
    int provided = 0;
    const int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    if (code != MPI_SUCCESS) return code;
    if (provided < MPI_THREAD_SERIALIZED) return MPI_ERR_UNSUPPORTED_OPERATION;
    return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

static inline int vq_mpi_end(void) { return MPI_Finalize(); }

static inline void vq_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

static inline int vq_mpi_place(int *rank, int *size) {
    const int code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
    return code != MPI_SUCCESS ? code : MPI_Comm_size(MPI_COMM_WORLD, size);
}

// Those that follow begin an exchange; vq_mpi_test tells when it is done.
typedef struct {
    MPI_Request request;
} vq_mpi_exchange;

static inline int vq_mpi_all_gather(vq_mpi_exchange *exchange, const void *bytes, int count, void *all,
                                    const int *counts, const int *starts) {
    return MPI_Iallgatherv(bytes, count, MPI_BYTE, all, counts, starts, MPI_BYTE, MPI_COMM_WORLD,
                           &exchange->request);
}

static inline int vq_mpi_all_gather_in_place(vq_mpi_exchange *exchange, float *values, const int *counts,
                                             const int *starts) {
    return MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_FLOAT, values, counts, starts, MPI_FLOAT, MPI_COMM_WORLD,
                           &exchange->request);
}

static inline int vq_mpi_all_to_all(vq_mpi_exchange *exchange, const float *sent, const int *sent_counts,
                                    const int *sent_starts, float *received, const int *received_counts,
                                    const int *received_starts) {
    return MPI_Ialltoallv(sent, sent_counts, sent_starts, MPI_FLOAT, received, received_counts,
                          received_starts, MPI_FLOAT, MPI_COMM_WORLD, &exchange->request);
}

static inline int vq_mpi_broadcast(vq_mpi_exchange *exchange, float *values, int count, int root) {
    return MPI_Ibcast(values, count, MPI_FLOAT, root, MPI_COMM_WORLD, &exchange->request);
}

static inline int vq_mpi_test(vq_mpi_exchange *exchange, int *is_done) {
    return MPI_Test(&exchange->request, is_done, MPI_STATUS_IGNORE);
}

// text: MPI_MAX_ERROR_STRING bytes.
static inline void vq_mpi_error_text(int code, char *text) {
    int length = 0;
    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) text[0] = 0;
}

static inline int vq_mpi_error_text_length(void) { return MPI_MAX_ERROR_STRING; }
