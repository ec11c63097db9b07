"""Makes the pages of the site from the Markdown files, the header and the Python package: make.py FOLDER.

Checks every link between pages, and ends with 1 where one leads nowhere."""

import html
import inspect
import json
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

import latex2mathml.converter
import markdown

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
# In the order of the menu; others follow by name.
MENU = [
    ("README.md", "vqw2v"), ("docs/guides.md", "Guides"), ("docs/install.md", "Install"), ("docs/training.md", "Train"),
    ("docs/checkpoints.md", "Checkpoints"), ("docs/datasets.md", "Recordings"), ("docs/tokens.md", "Tokens"),
    ("docs/evaluation.md", "Evaluate"), ("docs/reports.md", "Reports"), ("docs/export.md", "Export"),
    ("docs/cluster.md", "Clusters of machines"), ("docs/python.md", "Python"), ("docs/c.md", "C"),
    ("docs/straight-through.md", "The gradient"), ("docs/reliability.md", "Reliability"), ("docs/architecture.md", "Architecture"),
]


def page_name(source):
    """The page of a Markdown file."""
    return "index.html" if source == "README.md" else re.sub(r"\.md$", ".html", source)


def slug(text, separator="-"):
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", text.lower(), flags=re.UNICODE).strip().replace(" ", separator)


class Formulas:
    """TeX of a Markdown file, as GitHub marks it (```math, $…$), on its way past the Markdown parser to MathML."""

    def __init__(self):
        self.made = []

    def hide(self, text):
        """Puts a mark in the place of each formula. Code is left alone."""
        text = re.sub(r"^```math\n(.*?)\n```$", lambda block: self.mark(block[1], "block"), text, flags=re.M | re.S)
        parts = re.split(r"(^```.*?^```$|^    .*?$|`[^`]*`)", text, flags=re.M | re.S)
        for index in range(0, len(parts), 2):
            parts[index] = re.sub(
                r"(?<![\w$])\$(\S[^$]{0,200}?)\$(?![\w$])", lambda part: self.mark(part[1], "inline"), parts[index])
        return "".join(parts)

    def mark(self, tex, display):
        formula = latex2mathml.converter.convert(tex, display=display)
        self.made.append(f"<div class=wide>{formula}</div>" if display == "block" else formula)
        return f"\u27e6{len(self.made) - 1}\u27e7"

    def show(self, body):
        body = re.sub("<p>(\u27e6\\d+\u27e7)</p>", r"\1", body)
        return re.sub("\u27e6(\\d+)\u27e7", lambda mark: self.made[int(mark[1])], body)


class Site:
    def __init__(self, folder):
        self.folder, self.pages, self.copies, self.sections = Path(folder), {}, {}, []
        sources = [name for name, _ in MENU]
        sources += sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))
        sources += ["data/README.md", "scripts/README.md", "Tests/GoldenTests/Cases/README.md"]
        self.sources = list(dict.fromkeys(name for name in sources if (ROOT / name).exists()))

    def menu(self, name):
        titles = dict(MENU)
        entries = [(page_name(source), titles[source]) for source in self.sources if source in titles]
        entries += [("reference/python.html", "Python reference"), ("reference/c.html", "C reference")]
        entries += [("swift/documentation/index.html", "Swift reference")] if (self.folder / "swift").exists() else []
        return "\n".join(
            f'<a href="{relpath(page, dirname(name) or ".")}"{" class=here" if page == name else ""}>{title}</a>'
            for page, title in entries)

    def add(self, name, title, body):
        """A page, and its sections for the search."""
        up = relpath(".", dirname(name) or ".")
        self.pages[name] = (HERE / "page.html").read_text().format(
            title=html.escape(title), menu=self.menu(name), body=body, up="" if up == "." else up + "/")
        parts = re.split(r'<h[1-4] id="([^"]*)">(.*?)</h[1-4]>', body)
        for anchor, heading, text in zip(parts[1::3], parts[2::3], parts[3::3]):
            plain = [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", part))) for part in (heading, text)]
            self.sections.append([f"{name}#{anchor}", title, *plain])

    def add_markdown(self, source):
        text = (ROOT / source).read_text()
        # Blocks of code may say after the language that they run.
        text = re.sub(r"^```(\w+) run$", r"```\1", text, flags=re.M)
        formulas = Formulas()
        if "```math" in text:
            text = formulas.hide(text)
        body = markdown.markdown(
            text, extensions=["tables", "fenced_code", "toc", "sane_lists"],
            extension_configs={"toc": {"slugify": slug}})
        body = formulas.show(body)
        body = re.sub(r"<table>.*?</table>", r"<div class=wide>\g<0></div>", body, flags=re.S)
        name = page_name(source)
        body = re.sub(r'href="([^":]+?)(#[^"]*)?"', lambda link: self.link(link, source, name), body)
        heading = re.search(r"^# (.*)", text, flags=re.M)
        self.add(name, heading[1] if heading else source, body)

    def link(self, link, source, name):
        """A link of a source, as one of its page: to a page, or to a copy of another file."""
        target, anchor = link[1], link[2] or ""
        if target.startswith("#"):
            return link[0]
        path = normpath(join(dirname(source), target))
        if path in self.sources:
            page = page_name(path)
        elif (ROOT / path).is_dir():
            page = f"files/{path}/index.html"
            entries = sorted(entry.name for entry in (ROOT / path).iterdir() if not entry.name.startswith("."))
            self.copies[page] = f"<h1>{path}</h1><pre>{html.escape(chr(10).join(entries))}</pre>"
        elif (ROOT / path).is_file():
            page = f"files/{path}.html"
            content = (ROOT / path).read_text(errors="replace")
            self.copies[page] = f"<h1>{path}</h1><pre>{html.escape(content)}</pre>"
        else:
            return link[0]
        return f'href="{relpath(page, dirname(name) or ".")}{anchor}"'

    def add_python(self):
        import vqw2v

        body = [f'<h1 id="vqw2v">Python reference</h1><pre>{html.escape(inspect.getdoc(vqw2v))}</pre>']

        def entry(name, member):
            signature = "" if isinstance(member, property) else str(inspect.signature(member))
            document = html.escape(inspect.getdoc(member) or "")
            body.append(f'<h3 id="{name}"><code>{name}{html.escape(signature)}</code></h3><pre>{document}</pre>')

        for name in vqw2v.__all__:
            member = getattr(vqw2v, name)
            if inspect.isclass(member):
                body.append(f'<h2 id="{name}">{name}</h2><pre>{html.escape(inspect.getdoc(member))}</pre>')
                for key, value in vars(member).items():
                    if not key.startswith("_"):
                        entry(f"{name}.{key}", value)
            elif callable(member):
                entry(name, member)
        self.add("reference/python.html", "Python reference", "\n".join(body))

    def add_c(self):
        header = (ROOT / "Sources/CVqw2v/vqw2v.h").read_text()
        body = ['<h1 id="vqw2v.h">C reference</h1>']
        for comment, code in re.findall(r"^/\*(.*?)\*/\n(.*?)(?=^/\*|\Z)", header, flags=re.M | re.S):
            text = re.sub(r"^ ?\*? ?", "", comment, flags=re.M).strip()
            code = re.sub(r"^#.*\n|^extern \"C\".*\n|^\}\n(?=\Z)", "", code, flags=re.M).strip()
            name = re.search(r"(vqw2v_\w+)\(", code) or re.search(r"\b(vqw2v_\w+|VQW2V_\w+)", code)
            if name and code:
                body.append(f'<h3 id="{name[1]}"><code>{name[1]}</code></h3><pre>{html.escape(code)}</pre>')
            body.append(f"<pre class=text>{html.escape(text)}</pre>")
        self.add("reference/c.html", "C reference", "\n".join(body))

    def write(self):
        for source in self.sources:
            self.add_markdown(source)
        self.add_python()
        self.add_c()
        for name, body in self.copies.items():
            self.add(name, name, body)
        for name, text in self.pages.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        # Where the pages of docs/ name them.
        shutil.copytree(ROOT / "docs/images", self.folder / "docs/images")
        (self.folder / "search.js").write_text(
            f"const sections = {json.dumps(self.sections, ensure_ascii=False)};\n" + (HERE / "search.js").read_text())
        (self.folder / "style.css").write_text((HERE / "style.css").read_text())


class Links(HTMLParser):
    """Anchors of a page, and where it leads."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors.update(values[key] for key in ("id", "name") if key in values)
        self.links += [values[key] for key in ("href", "src") if values.get(key)]


def problems(folder):
    """A line for each link that leads nowhere."""
    pages = {path: Links(path.read_text()) for path in folder.rglob("*.html") if folder / "swift" not in path.parents}
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = Path(normpath(path.parent / name)) if name else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                yield f"{path.relative_to(folder)}: {link} leads to no page"
            elif anchor and target in pages and anchor not in pages[target].anchors:
                yield f"{path.relative_to(folder)}: {link} names no section"


def main():
    site = Site(sys.argv[1])
    site.write()
    found = list(problems(site.folder))
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    sys.exit(bool(found))


main()
