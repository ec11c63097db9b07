# The commands of the README. Each installs the system packages that it misses.

QUANTIZER ?= gumbel
RUN ?= runs/quickstart-$(QUANTIZER)
VQW2V = .build/release/vqw2v

.PHONY: benchmark build quickstart test test-interop lint corpus corpus-large clean packages

build: packages
	swift build -c release --product vqw2v

# About three minutes on two cores: learn units from six minutes of speech, then print those of other speech.
quickstart: build
	rm -rf $(RUN)
	$(VQW2V) train data/train --validation data/validation --output $(RUN) \
	    --set quantizer.kind=$(QUANTIZER)
	$(VQW2V) quantize --checkpoint $(RUN)/best.safetensors data/test

test: packages
	swift test -c release

# Files checked with the Python libraries that users read them with: installs these into .interop/.
test-interop: packages
	scripts/test-interop.sh

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Sources

# festvox-ru whole: 89 minutes to train on, 10 to test on.
corpus:
	scripts/fetch-corpus.sh

# And three corpora of many speakers: about eight hours in all.
corpus-large:
	scripts/fetch-corpus-large.sh

packages:
	@scripts/install-packages.sh

clean:
	swift package clean

# Times of updates and tokenisation at the paper's size.
benchmark: packages
	cd Benchmarks && swift run -c release Speed
