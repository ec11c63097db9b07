#!/usr/bin/env bash
# make-manuals.sh PROGRAM FOLDER: a manual page for each command, by ArgumentParser's own generator, with the examples of its
# help; into share/man, and completions for three shells beside it, below the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1 folder=$2
shopt -s nullglob
scripts/swift-build-static.sh --product generate-manual >&2
pages=$folder/share/man/man1
mkdir -p "$pages" "$folder/share/bash-completion/completions" "$folder/share/zsh/site-functions" \
    "$folder/share/fish/vendor_completions.d"
.build-static/release/generate-manual "$program" --multi-page --output-directory "$pages" \
    --date "$(git log -1 --format=%cs)"
rm -f "$pages/vqw2v.help.1"
for page in "$pages"/vqw2v*.1; do
    command=$(basename "$page" .1)
    command=${command#vqw2v}
    command=${command#.}
    # Names of pages, by which man and whatis find them, have no spaces; paragraphs have a request of their own.
    sed -i -E -e '1,/^\.Sh SYNOPSIS/s/^\.Nm "?vqw2v ([a-z]+)"?$/.Nm vqw2v-\1/' -e 's/^\.Nd "(.*)"$/.Nd \1/' \
        -e "s/^\.Nm\$/.Nm \"vqw2v${command:+ $command}\"/" -e '/^\.(Dt|Xr)/s/(vqw2v|VQW2V)\.(\w+)/\1-\2/' \
        -e 's/^$/.Pp/' -e '/^\.Xr vqw2v.help /d' -e '$a\' "$page"
    examples=$("$program" $command --help | sed -n '/^EXAMPLES:/,$s/^  //p')
    [ -z "$examples" ] || {
        echo .Sh EXAMPLES
        echo .Bd -literal -offset indent
        # Lines of roff begin with neither of these, and a backslash is written \e.
        echo "$examples" | sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\\&&/"
        echo .Ed
    } >>"$page"
    [ -z "$command" ] || mv "$page" "$pages/vqw2v-$command.1"
done
# Completions are read by a shell, not run.
"$program" --generate-completion-script bash | sed '1{/^#!/d}' >"$folder/share/bash-completion/completions/vqw2v"
"$program" --generate-completion-script zsh >"$folder/share/zsh/site-functions/_vqw2v"
"$program" --generate-completion-script fish >"$folder/share/fish/vendor_completions.d/vqw2v.fish"
