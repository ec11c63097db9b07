# The commands of the README. Each installs the system packages that it misses.

# make quickstart: vq-wav2vec with QUANTIZER=gumbel or kmeans, or MODEL=wav2vec2.
MODEL ?= vq-wav2vec
QUANTIZER ?= gumbel
QUICKSTART_vq-wav2vec = --set quantizer.kind=$(QUANTIZER)
QUICKSTART_wav2vec2 = --preset wav2vec2-small
RUN ?= runs/quickstart-$(if $(filter wav2vec2,$(MODEL)),$(MODEL),$(QUANTIZER))
VQW2V = .build/release/vqw2v

.PHONY: benchmark benchmark-peers build quickstart test test-baseline test-docs test-interop test-mpi test-python test-report lint \
    test-aarch64 test-asan test-tsan test-ubsan test-valgrind torture fuzz compare-instructions sbom test-reproducible \
    corpus corpus-large corpus-voices clean packages wheel \
    docs dist test-dist static install uninstall

build: packages
	swift build -c release --product vqw2v

# About two minutes on two cores, after the build: learn units from six minutes of speech, print those of other speech,
# and judge them by its phones, beside clusters of MFCCs.
# A run of an earlier quickstart is replaced; any other folder is left alone.
# With MODEL=wav2vec2 about three minutes.
quickstart: build
	@test -n "$(QUICKSTART_$(MODEL))" || \
	    { echo "there is no MODEL=$(MODEL): choose vq-wav2vec or wav2vec2" >&2; exit 1; }
	@test ! -e "$(RUN)" || test -e "$(RUN)/.quickstart" || \
	    { echo "$(RUN) is there already and is no run of make quickstart: choose another RUN=FOLDER" >&2; exit 1; }
	@mkdir -p "$(RUN)" && touch "$(RUN)/.quickstart"
	@cd "$(RUN)" && rm -f config.yaml recordings.tsv log.jsonl events.out.tfevents.* run.lock last.safetensors best.safetensors
	$(VQW2V) train data/train --validation data/validation --output "$(RUN)" \
	    $(QUICKSTART_$(MODEL))
	$(VQW2V) quantize --checkpoint "$(RUN)/best.safetensors" data/test
	$(VQW2V) evaluate --checkpoint "$(RUN)/best.safetensors" data/test --alignments data/test --abx any

test: packages
	swift test -c release

# Files checked with the Python libraries that users read them with: installs these into .interop/.
test-interop: packages
	scripts/test-interop.sh

# The program and the library without a Swift runtime beside them, with manual pages and completions, as they are installed:
# in .build-static/stage.
static: packages
	scripts/build-static.sh

# Below PREFIX, as the system's own folders need: sudo make install. DESTDIR stands before it.
PREFIX ?= /usr/local
install: static
	scripts/install.sh "$(PREFIX)"

uninstall:
	scripts/install.sh --remove "$(PREFIX)"

# An archive that runs from any folder, Debian packages, checksums, and the list of what is in them: in dist/.
dist: packages
	scripts/make-dist.sh

# These in a bare Debian 12 made for them, by debootstrap and as root; lintian, manual pages, completions.
test-dist: dist
	scripts/test-dist.sh

# All documentation as one site, in .build-docs/site.
docs: packages
	scripts/make-docs.sh

# The Python package with all that it needs in one file, dist/vqw2v-….whl.
wheel: packages
	scripts/make-wheel.sh

# The wheel in a fresh virtual environment of every Python at hand, from 3.9 on.
test-python: wheel
	scripts/test-python.sh

# A report opened in Chromium without a window, in light, dark and at the width of a telephone: installs it.
test-report: build
	scripts/test-report.sh

# Operations and parity with fairseq as on Arm and older x86: kernels compiled for the baseline only.
test-baseline: packages
	swift test -c release --scratch-path .build-baseline -Xcc -DVQ_BASELINE --filter 'TensorsTests|AutodiffTests|LayersTests|GoldenTests'

# All tests and the program for Arm under qemu, and ids beside those of x86-64: docs/install.md. As root; hours on two cores.
test-aarch64: build
	scripts/test-aarch64.sh $(TARGETS)

# What follows, and what it has found, is in docs/reliability.md.

# Kills, faults, full disks, no memory, a changing world, much of everything; TORTURE_OPTIONS="--kills 10 --most 3 kills faults"
# is shorter.
torture: build
	@scripts/install-packages.sh torture
	scripts/torture.sh $(TORTURE_OPTIONS)

# Every reader for ten minutes; FUZZ_OPTIONS="--seconds 60 --jobs 2 audio torch" is shorter.
fuzz: packages
	scripts/fuzz.sh $(FUZZ_OPTIONS)

# All tests under Address and Thread sanitizer; resolvers of the kernels' clones run before a sanitizer is ready, so kernels are
# compiled for the baseline.
test-asan: packages
	VQW2V_SANITIZER=address ASAN_OPTIONS=detect_leaks=0 swift test -c release --sanitize address --scratch-path .build-asan -Xcc -DVQ_BASELINE

test-tsan: packages
	scripts/test-tsan.sh

# The tests of C kernels under UndefinedBehaviour.
test-ubsan: packages
	scripts/test-ubsan.sh

test-valgrind: build
	@scripts/install-packages.sh valgrind
	scripts/test-valgrind.sh

# Ids by instruction set: make compare-instructions CHECKPOINT=best.safetensors RECORDINGS=corpus/festvox-ru/train
compare-instructions: build
	scripts/compare-instructions.py $(CHECKPOINT) $(RECORDINGS)

# What the program is made of, as SPDX, with licences: dist/vqw2v-….spdx.json.
sbom: build
	@mkdir -p dist
	scripts/make-sbom.py --spdx "$$(scripts/version.sh)" $(VQW2V) > "dist/vqw2v-$$(scripts/version.sh).spdx.json"

# Two builds from nothing: one hash of each file?
test-reproducible: packages
	scripts/test-reproducible.sh

# Many processes: the same bytes for 1, 2 and 4 under mpirun and Slurm, and failures. Installs OpenMPI and Slurm.
test-mpi: packages
	@scripts/install-packages.sh mpi
	scripts/test-mpi.sh

# The command lines of README.md and docs/, with small models in folders of their own.
test-docs: build
	scripts/test-docs.py $(VQW2V)

lint:
	scripts/check-imports.py
	swift format lint --strict --recursive Package.swift Sources Tests Examples Benchmarks/Package.swift \
	    Benchmarks/Sources Benchmarks/Benchmarks Benchmarks/Exchange

# festvox-ru whole: 89 minutes to train on, 10 to test on.
corpus:
	scripts/fetch-corpus.sh

# And three corpora of many speakers: about eight hours in all.
corpus-large:
	scripts/fetch-corpus-large.sh

# Read speech of four synthetic voices with exact phone times, to judge units on; installs festival.
corpus-voices:
	scripts/make-voices.sh

packages:
	@scripts/install-packages.sh

clean:
	swift package clean

# Kernels, updates by stage, tokens, the program, growth. BENCHMARK_OPTIONS="--target Kernels" runs a part,
# HOUR=1 adds an hour of audio (a minute, 9 GB of temporary files).
benchmark: build
	cd Benchmarks && HOUR=$(HOUR) swift package benchmark --grouping metric $(BENCHMARK_OPTIONS)

# The same works in PyTorch side by side: one table. VQW2V_PEER_VENV names a virtual environment that is there.
# PEER_OPTIONS="--rounds 1 --only tokens" runs a part, whose table goes to Benchmarks/.peers.
benchmark-peers: packages
	HOUR=$(HOUR) scripts/benchmark-peers.sh $(PEER_OPTIONS)
