/*
 * vqw2v: discrete units of speech. Opens checkpoints of vq-wav2vec, wav2vec and wav2vec 2.0 (of vqw2v, fairseq and
 * Hugging Face) and turns audio into token ids and features, with the ids of the command vqw2v, bit for bit.
 *
 *     #include <vqw2v.h>                       cc program.c $(pkg-config --cflags --libs vqw2v)
 *
 *     int print_ids(const float *samples, size_t count) {
 *         vqw2v_model *model;
 *         vqw2v_ids ids;
 *         if (vqw2v_open("vq-wav2vec.pt", NULL, &model) != VQW2V_OK) return puts(vqw2v_last_error());
 *         if (vqw2v_quantize(model, samples, count, 16000, 0, &ids) != VQW2V_OK) {
 *             puts(vqw2v_last_error());
 *         } else {
 *             for (size_t i = 0; i < ids.frames * ids.groups; i++) printf("%d ", (int)ids.values[i]);
 *             vqw2v_free(ids.values);
 *         }
 *         vqw2v_close(model);
 *         return 0;
 *     }
 *
 * Every function that can fail returns a status. Nothing is written to what its pointers name unless that is VQW2V_OK;
 * why it is not, vqw2v_last_error() tells in one sentence.
 *
 * Threads. All functions may be called by any number of threads at once, and threads may share a model; only
 * vqw2v_close must come after the last call with it has returned. A call uses up to vqw2v_threads() threads of its own;
 * results do not depend on that, nor on other calls.
 *
 * Processes. After fork() the child may use models that were open before; its calls work on the calling thread alone. Where
 * another thread was within a call while the process was forked, calls of the child return VQW2V_FORKED.
 *
 * Signals. No handlers are installed; a call returns when it is done.
 *
 * Memory. A recording takes about 1 GiB at most, beside the weights; what goes beyond is kept in temporary files without names,
 * in the folder that TMPDIR names, else /var/tmp. Where the system has no memory left at all the process ends with a message.
 */
#ifndef VQW2V_H
#define VQW2V_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a call. */
typedef enum vqw2v_status {
    VQW2V_OK = 0,
    /* A file that is not there. */
    VQW2V_NOT_FOUND = 1,
    /* An argument that cannot be meant: a null pointer, no samples, samples that are not finite, another sample rate, a
     * layer that the model has not. */
    VQW2V_INVALID = 2,
    /* A file that cannot be used: damaged, truncated, of another kind. */
    VQW2V_UNUSABLE = 3,
    /* The system refuses: permissions, room for temporary files, memory. */
    VQW2V_SYSTEM = 4,
    /* This process was forked while a call was at work: open the model in the child, and fork before other threads use it. */
    VQW2V_FORKED = 5
} vqw2v_status;

/* How recordings are taken; 0 or several of these added. */
enum {
    /* Converts recordings of another sample rate (libsoxr, high quality) instead of refusing them. */
    VQW2V_RESAMPLE = 1
};

/* A model that is open, or clusters of its frames. */
typedef struct vqw2v_model vqw2v_model;

/* What ids and frames are. */
typedef struct vqw2v_info {
    /* Of recordings, in Hz. */
    int32_t sample_rate;
    /* Ids of each frame, G; 0 for a model without ids. */
    int32_t groups;
    /* An id is one of 0 ... codewords - 1; 0 for a model without ids. */
    int32_t codewords;
    /* Frame t stands for the samples hop * t ... hop * t + window - 1. */
    int32_t hop;
    int32_t window;
} vqw2v_info;

/* Ids of a recording. */
typedef struct vqw2v_ids {
    /* [frames, groups], row-major; give it back with vqw2v_free. */
    int32_t *values;
    size_t frames;
    size_t groups;
} vqw2v_ids;

/* A layer of a recording. */
typedef struct vqw2v_features {
    /* [frames, channels], row-major; give it back with vqw2v_free. */
    float *values;
    size_t frames;
    size_t channels;
} vqw2v_features;

/*
 * Opens what makes ids.
 *   checkpoint   path, in UTF-8, of a checkpoint of vqw2v or fairseq, of the folder of a run, or of one of Hugging Face's
 *                models
 *   clusters     path of clusters that `vqw2v cluster` wrote, whose numbers become the ids; NULL for the model's own ids.
 *                Those of MFCCs need no checkpoint, which may then be NULL.
 *   model        gets the model, to be closed with vqw2v_close
 * Returns VQW2V_NOT_FOUND, VQW2V_UNUSABLE, VQW2V_SYSTEM, VQW2V_INVALID where both paths are NULL or one is not UTF-8, or
 * VQW2V_FORKED.
 */
vqw2v_status vqw2v_open(const char *checkpoint, const char *clusters, vqw2v_model **model);

/* Closes a model, once; NULL is let pass. */
void vqw2v_close(vqw2v_model *model);

/* What ids and frames of a model are. */
vqw2v_status vqw2v_get_info(const vqw2v_model *model, vqw2v_info *info);

/*
 * Describes a model as `vqw2v inspect --json` does, with a member "clusters" where there are some.
 *   json   gets a text in UTF-8 that ends with a zero; give it back with vqw2v_free
 */
vqw2v_status vqw2v_describe(const vqw2v_model *model, char **json);

/*
 * The ids of a recording in memory.
 *   samples       [count], one channel, full scale is -1 ... 1; only read, and not kept
 *   sample_rate   in Hz; another one than the model's is refused without VQW2V_RESAMPLE
 * Returns VQW2V_INVALID also for a recording that is too short for a frame, VQW2V_UNUSABLE for a model without ids.
 */
vqw2v_status vqw2v_quantize(const vqw2v_model *model, const float *samples, size_t count, int32_t sample_rate,
                            uint32_t flags, vqw2v_ids *ids);

/*
 * The ids of an audio file, the mean of its channels: what `vqw2v quantize` prints. Every format that the command reads.
 * Returns VQW2V_UNUSABLE also for a recording in which every sample is zero.
 */
vqw2v_status vqw2v_quantize_file(const vqw2v_model *model, const char *path, uint32_t flags, vqw2v_ids *ids);

/*
 * What a layer computes for a recording in memory, as `vqw2v extract`.
 *   layer   "z", "logits", "quantized", "c", or "layer.N" of the aggregator or the transformer, N from 1 on
 * The weights that a layer needs stay in memory until the model is closed.
 */
vqw2v_status vqw2v_extract(const vqw2v_model *model, const float *samples, size_t count, int32_t sample_rate,
                           const char *layer, uint32_t flags, vqw2v_features *features);

/* The same for an audio file. */
vqw2v_status vqw2v_extract_file(const vqw2v_model *model, const char *path, const char *layer, uint32_t flags,
                                vqw2v_features *features);

/* Gives back values or a text; NULL is let pass. */
void vqw2v_free(void *memory);

/* Why the last call of this thread that failed did so: one line in UTF-8, never NULL, there until the next one fails. */
const char *vqw2v_last_error(void);

/* Threads that calls use. At first: the cores that the process may run on. */
int32_t vqw2v_threads(void);

/* Sets it, for all models; at least 1. */
void vqw2v_set_threads(int32_t count);

/* The version of the library, as in "0.1.0". */
const char *vqw2v_version(void);

#ifdef __cplusplus
}
#endif

#endif
