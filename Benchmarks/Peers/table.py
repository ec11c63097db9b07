"""The table of a comparison."""


def amount(work, figures):
    """A median with its range, as a rate for works on audio, and the peak of memory."""
    if not figures:
        return "–"
    values = [figures[name] for name in ("median", "min", "max")]
    if work["audio"]:
        median, low, high = (work["audio"] / values[i] for i in (0, 2, 1))
        text = f"{median:.1f} s/s ({low:.1f}–{high:.1f})"
    else:
        digits = 2 if values[0] >= 0.1 else 4
        text = f"{values[0]:.{digits}f} s ({values[1]:.{digits}f}–{values[2]:.{digits}f})"
    return f"{text}, {figures['peak'] / 1e9:.2f} GB"


def ratio(ours, theirs):
    return f"{theirs['median'] / ours['median']:.2f} ×" if ours and theirs else "–"


def bound(work):
    limits = work.get("bound")
    if not limits:
        return "–"
    if work["audio"]:
        return f"{work['audio'] / limits['seconds']:.1f} s/s"
    return f"{limits['seconds']:.{2 if limits['seconds'] >= 0.1 else 4}f} s"


def rows(result):
    yield "| work | ours | as shipped (fairseq, or as named) | best of its ways | to shipped | to best | bound | ids, or difference |"
    yield "|---|---:|---:|---:|---:|---:|---:|---|"
    for work in result["works"]:
        sides = work["sides"]
        ours, shipped, best = sides.get("ours"), sides.get("shipped"), sides.get(work["best"])
        name = f" ({work['best']})" if best else ""
        cells = [
            work["title"], amount(work, ours), amount(work, shipped), amount(work, best) + name,
            ratio(ours, shipped), ratio(ours, best), bound(work), work["ids"] or "–",
        ]
        yield "| " + " | ".join(cells) + " |"
    for key, speed_up in result["threads"].items():
        yield f"| threads 1 to {result['machine']['threads']}, {key} | {speed_up:.2f} × | – | – | – | – | – | – |"


def remarks(result):
    machine = result["machine"]
    yield (
        f"{result['date']}, {machine['processor']}, {machine['threads']} of {machine['cores']} cores; "
        f"sgemm {machine['sgemm'] / 1e9:.0f} GFLOP/s (OpenBLAS; in the works OPENBLAS_CORETYPE="
        f"{machine['openblas_coretype'] or 'not set'}), torch.mm {machine['torch_sgemm'] / 1e9:.0f} GFLOP/s, "
        f"linear maps in bf16 {machine['bf16'] / 1e9:.0f} GFLOP/s, copies {machine['copy'] / 1e9:.0f} GB/s; "
        f"PyTorch {machine['torch']}, fairseq {machine['fairseq']}, "
        f"fastabx {machine['fastabx']}, scikit-learn {machine['scikit-learn']}. "
        f"Medians of {result['rounds']} rounds in turn (lowest to highest).")
    if result["other_cpu"] > 0.1:
        yield (
            f"WARNING: other processes used up to {result['other_cpu']:.1f} cores meanwhile: these times say "
            "little.")


def markdown(result):
    return "\n".join(rows(result)) + "\n\n" + "\n\n".join(remarks(result)) + "\n"
