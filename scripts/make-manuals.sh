#!/usr/bin/env bash
# make-manuals.sh PROGRAM FOLDER: a manual page for each command, by ArgumentParser's own generator, with the examples of its
# help; into share/man, and completions for three shells beside it, below the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1 folder=$2
swift build -c release --scratch-path .build-static --static-swift-stdlib -Xswiftc -static-stdlib --disable-local-rpath \
    --product generate-manual >&2
pages=$folder/share/man/man1
mkdir -p "$pages" "$folder/share/bash-completion/completions" "$folder/share/zsh/site-functions" \
    "$folder/share/fish/vendor_completions.d"
.build-static/release/generate-manual "$program" --multi-page --output-directory "$pages" \
    --date "$(git log -1 --format=%cs)"
for page in "$pages"/vqw2v*.1; do
    command=$(basename "$page" .1)
    command=${command#vqw2v}
    examples=$("$program" ${command:+"${command#.}"} --help | sed -n '/^EXAMPLES:/,$s/^  //p')
    [ -z "$examples" ] || {
        echo .Sh EXAMPLES
        echo .Bd -literal -offset indent
        # Lines of roff begin with neither of these, and a backslash is written \e.
        echo "$examples" | sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\\&&/"
        echo .Ed
    } >>"$page"
done
"$program" --generate-completion-script bash >"$folder/share/bash-completion/completions/vqw2v"
"$program" --generate-completion-script zsh >"$folder/share/zsh/site-functions/_vqw2v"
"$program" --generate-completion-script fish >"$folder/share/fish/vendor_completions.d/vqw2v.fish"
