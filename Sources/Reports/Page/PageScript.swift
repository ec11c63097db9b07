/// What a report does beyond standing there: values read out of charts, and sound that follows its picture.
enum PageScript {
    static let javaScript = """
        "use strict";
        for (const chart of document.querySelectorAll("svg.chart")) {
          const lines = [...chart.querySelectorAll("[data-points]")].map(line => ({ name: line.dataset.name,
            points: line.dataset.points.split(";").map(text => { const [place, x, y] = text.split(",");
              return { place: +place, x, y }; }) }));
          const places = [...new Set(lines.flatMap(line => line.points.map(point => point.place)))].sort((a, b) => a - b);
          const cursor = chart.querySelector(".cursor");
          const output = chart.parentElement.querySelector("output");
          let current = -1;
          const show = index => {
            current = Math.max(0, Math.min(places.length - 1, index));
            const place = places[current];
            cursor.setAttribute("x1", place); cursor.setAttribute("x2", place);
            const near = lines.map(line => ({ name: line.name, point: line.points.reduce((best, point) =>
              Math.abs(point.place - place) < Math.abs(best.place - place) ? point : best) }));
            const exact = near.find(item => item.point.place === place) || near[0];
            output.textContent = exact.point.x + ": " + near.map(item => item.name + " " + item.point.y).join(", ");
          };
          chart.addEventListener("pointermove", event => {
            const box = chart.getBoundingClientRect();
            const x = (event.clientX - box.left) / box.width * chart.viewBox.baseVal.width;
            show(places.reduce((best, place, index) =>
              Math.abs(place - x) < Math.abs(places[best] - x) ? index : best, 0));
          });
          chart.addEventListener("keydown", event => {
            const step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e9, End: 1e9 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            show(current < 0 && step > 0 && step < 1e9 ? 0 : current + step);
          });
        }
        for (const timeline of document.querySelectorAll("svg.timeline")) {
          const audio = timeline.closest("figure").querySelector("audio");
          const cursor = timeline.querySelector(".cursor");
          const seconds = +timeline.dataset.seconds;
          const follow = () => {
            const place = audio.currentTime / seconds * timeline.viewBox.baseVal.width;
            cursor.setAttribute("x1", place); cursor.setAttribute("x2", place);
            if (!audio.paused) requestAnimationFrame(follow);
          };
          for (const event of ["play", "seeked", "pause"]) audio.addEventListener(event, follow);
          timeline.addEventListener("click", event => {
            const box = timeline.getBoundingClientRect();
            audio.currentTime = (event.clientX - box.left) / box.width * seconds;
            audio.play();
          });
          timeline.addEventListener("keydown", event => {
            const step = { ArrowRight: 0.1, ArrowLeft: -0.1 }[event.key];
            if (step !== undefined) audio.currentTime = Math.max(0, audio.currentTime + step);
            else if (event.key === "Enter") { if (audio.paused) audio.play(); else audio.pause(); }
            else return;
            event.preventDefault();
          });
        }
        """
}
