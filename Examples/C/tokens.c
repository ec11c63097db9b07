// Prints the ids of 16 kHz samples that come as raw float32:
//     sox speech.wav -t f32 - | ./tokens vq-wav2vec.pt
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <vqw2v.h>

static int fail(void) {
    fprintf(stderr, "error: %s\n", vqw2v_last_error());
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    size_t count = 0, room = 1 << 20;
    float *samples = malloc(room * sizeof *samples);
    while (samples != NULL && (count += fread(samples + count, sizeof *samples, room - count, stdin)) == room) {
        samples = realloc(samples, (room *= 2) * sizeof *samples);
    }

    vqw2v_model *model;
    vqw2v_ids ids;
    if (vqw2v_open(argc > 1 ? argv[1] : NULL, NULL, &model) != VQW2V_OK) return fail();
    if (vqw2v_quantize(model, samples, count, 16000, 0, &ids) != VQW2V_OK) return fail();
    for (size_t i = 0; i < ids.frames * ids.groups; i++) {
        printf("%" PRId32 "%c", ids.values[i], (i + 1) % ids.groups == 0 ? ' ' : '-');
    }
    putchar('\n');
    vqw2v_free(ids.values);
    vqw2v_close(model);
    free(samples);
}
