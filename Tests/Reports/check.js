// Run in a report by check.py: looks at every figure and tells what it found.
(async () => {
  const problems = [];
  const expect = (holds, text) => { if (!holds) problems.push(text); };
  const figures = [...document.querySelectorAll("figure")];
  expect(figures.length > 0, "no figures");
  for (const figure of figures) {
    const name = figure.querySelector("h3").textContent;
    const drawing = figure.querySelector("svg");
    const box = drawing ? drawing.getBoundingClientRect() : { width: 0, height: 0 };
    expect(box.width > 200 && box.height > 30, name + ": not drawn");
    for (const image of figure.querySelectorAll("image")) {
      const picture = new Image();
      picture.src = image.getAttribute("href");
      await picture.decode().catch(() => expect(false, name + ": a picture cannot be decoded"));
      expect(picture.naturalWidth > 0, name + ": an empty picture");
    }
    const lines = [...figure.querySelectorAll("svg.chart [data-points]")];
    if (drawing && drawing.matches("svg.chart")) {
      expect(lines.length > 0, name + ": no line");
      for (const line of lines) {
        const { width, height } = line.getBBox();
        expect(width + height > 0 || line.tagName === "circle", name + ": an empty line");
        expect(getComputedStyle(line).stroke !== "none", name + ": a line without colour");
      }
      drawing.focus();
      expect(document.activeElement === drawing, name + ": cannot be focused");
      drawing.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true, cancelable: true }));
      expect(figure.querySelector("output").textContent.length > 3, name + ": keys read no value out");
    }
    const audio = figure.querySelector("audio");
    if (audio) {
      if (audio.readyState < 1) await new Promise(done => { audio.onloadedmetadata = audio.onerror = done; });
      const seconds = +drawing.dataset.seconds;
      expect(Math.abs(audio.duration - seconds) < 0.05, name + ": plays " + audio.duration + " s of " + seconds);
      drawing.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
      await new Promise(done => setTimeout(done, 200));
      expect(+drawing.querySelector(".cursor").getAttribute("x1") > 0, name + ": the cursor does not move");
    }
  }
  expect(document.documentElement.scrollWidth <= innerWidth, "wider than the window of " + innerWidth);
  expect(performance.getEntriesByType("resource").every(item => item.name.startsWith("data:")), "asks the network");
  return problems.length ? "failed: " + problems.join("; ") : "passed, " + figures.length + " figures";
})();
