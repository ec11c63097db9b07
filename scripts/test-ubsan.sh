#!/usr/bin/env bash
# The tests that call C kernels, with these and all other C of ours compiled under the UndefinedBehaviour sanitizer: the test bundle is
# linked anew with them. Anything undefined ends the run. Arguments: a filter of tests.
set -euo pipefail
cd "$(dirname "$0")/.."
filter=${1:-TensorsTests|AutodiffTests|LayersTests|EvaluationTests}
swift build -c release --build-tests
build=.build-ubsan
mkdir -p "$build"
grep -vE '/(CKernels|CProcess)\.build/' .build/release/vqw2vPackageTests.product/Objects.LinkFileList > "$build/objects"
for source in Sources/CKernels/*.c Sources/CProcess/*.c; do
    object=$build/$(basename "$source" .c).o
    clang -O1 -g -fPIC -Wno-pass-failed -fsanitize=undefined,float-cast-overflow -fno-sanitize-recover=all -DVQ_BASELINE \
        -I "$(dirname "$source")/include" -c "$source" -o "$object"
    echo "$PWD/$object" >> "$build/objects"
done
runtime=$(clang -print-resource-dir)/lib/linux/libclang_rt.ubsan_standalone-$(uname -m).a
# shellcheck disable=SC2046  # flags
swiftc -emit-executable -o "$build/tests" "@$build/objects" -Xlinker --whole-archive -Xlinker "$runtime" -Xlinker --no-whole-archive \
    $(pkg-config --libs openblas sndfile libmpg123 soxr zlib nettle) -lpthread -ldl -lm -lrt
UBSAN_OPTIONS=print_stacktrace=1 "$build/tests" --testing-library swift-testing --filter "$filter"
