#!/usr/bin/env bash
# install.sh PREFIX: copies what scripts/build-static.sh has laid out below a folder, and notes there what that was.
# install.sh --remove PREFIX: removes what is noted, and folders that are empty then. DESTDIR stands before both.
set -euo pipefail
cd "$(dirname "$0")/.."
action=install
if [ "${1:-}" = --remove ]; then
    action=remove
    shift
fi
prefix=${DESTDIR:-}${1:?give a folder}
note=share/doc/vqw2v/installed-files

if [ "$action" = install ]; then
    mkdir -p "$prefix"
    files=$(cd .build-static/stage && find . -type f -o -type l | sed 's|^\./||' | sort)
    (cd .build-static/stage && tar -cf - $files) | tar -C "$prefix" --no-same-owner -xf -
    printf '%s\n' "$files" "$note" >"$prefix/$note"
    echo "vqw2v $(scripts/version.sh) is in $prefix" >&2
    [ "$(id -u)" -ne 0 ] || [ -n "${DESTDIR:-}" ] || ldconfig
else
    [ -f "$prefix/$note" ] || {
        echo "nothing of vqw2v is noted in $prefix/$note: give the PREFIX of make install" >&2
        exit 1
    }
    files=$(cat "$prefix/$note")
    cd "$prefix"
    for file in $files; do rm -f "$file"; done
    # Folders from the deepest up; those that hold something else stay.
    for file in $files; do
        while file=$(dirname "$file") && [ "$file" != . ]; do echo "$file"; done
    done | sort -ru | while IFS= read -r folder; do rmdir "$folder" 2>/dev/null || true; done
    echo "vqw2v is removed from $prefix" >&2
fi
