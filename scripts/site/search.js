// Sections that have all words, those that have them in their headings first.
const up = document.currentScript.dataset.up;
const box = document.querySelector("input[type=search]");
const found = document.getElementById("found");
const menu = document.querySelector("nav details");
if (matchMedia("(max-width: 48rem)").matches) menu.open = false;

box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length === 0 ? [] : sections
        .map(([address, title, heading, text]) => {
            const [top, all] = [`${title} ${heading}`.toLowerCase(), `${title} ${heading} ${text}`.toLowerCase()];
            const rank = words.every(word => all.includes(word)) ? 1 + words.filter(word => top.includes(word)).length : 0;
            return { rank, address, title, heading, text };
        })
        .filter(hit => hit.rank > 0)
        .sort((a, b) => b.rank - a.rank)
        .slice(0, 20);
    found.replaceChildren(...hits.map(hit => {
        const link = document.createElement("a");
        const place = hit.text.toLowerCase().indexOf(words[0]);
        const about = document.createElement("small");
        link.href = up + hit.address;
        link.textContent = hit.heading === hit.title ? hit.title : `${hit.title}: ${hit.heading}`;
        about.textContent = hit.text.slice(Math.max(0, place - 30), place + 70);
        link.append(about);
        return link;
    }));
});
