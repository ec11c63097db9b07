/// The style sheet of a report: light and dark, for telephones, screens and paper.
enum PageStyle {
    static let css = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1d22; --soft: #5c6370; --rule: #d9dce1;
          --panel: #f6f7f9; --c0: #1f6fb4; --c1: #c2500b; --c2: #2b7d3a; --c3: #8b3fa8; --c4: #a3283c; --c5: #6b5a1e;
          --c6: #0b7f86; --c7: #6d7280; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e7e9ed; --soft: #a0a7b4;
          --rule: #383d47; --panel: #1d2026; --c0: #69b1f0; --c1: #f59a5c; --c2: #74c983; --c3: #cd94e4;
          --c4: #f08a98; --c5: #d3bd6b; --c6: #56c8cf; --c7: #a3a9b6; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 84rem; padding: 1rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.45 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
        h3 { font-size: 1rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
        nav a { margin-right: 1rem; } a { color: var(--c0); }
        .figures { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
        figure { margin: 0; padding: .8rem; background: var(--panel); border-radius: .4rem; min-width: 0; }
        figure.wide { grid-column: 1 / -1; }
        .caption, .note { color: var(--soft); font-size: .875rem; margin: .4rem 0 0; }
        svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
        svg.chart, svg.bars, svg.heatmap { width: 100%; } svg.timeline { max-width: none; cursor: pointer; }
        svg:focus-visible, a:focus-visible, summary:focus-visible, .scroll:focus-visible {
          outline: 2px solid var(--c0); outline-offset: 2px; }
        svg text { fill: var(--ink); } svg text.on-color { fill: #fff; }
        .scroll { overflow-x: auto; } .scroll svg.heatmap { min-width: 40rem; }
        .grid { stroke: var(--rule); } .axis { stroke: var(--soft); } .cursor { stroke: var(--c4); stroke-width: 1.5; }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 4; }
        .whisker { stroke: var(--ink); stroke-width: 1.2; } .bar { stroke: none; }
        \((0..<LineChart.colors).map { ".bar.c\($0) { fill: var(--c\($0)); }" }.joined(separator: " "))
        .cell { fill: var(--paper); stroke: var(--rule); } image { image-rendering: pixelated; }
        \((0..<LineChart.colors).map { ".c\($0) { stroke: var(--c\($0)); border-color: var(--c\($0)); }" }.joined(separator: " "))
        .legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; margin: .3rem 0 0; padding: 0;
          font-size: .875rem; }
        .key { display: inline-block; width: 1.4rem; border-top: 3px solid; margin-right: .4rem; vertical-align: middle;
          border-top-color: inherit; }
        \((0..<LineChart.colors).map { ".key.c\($0) { border-top-color: var(--c\($0)); }" }.joined(separator: " "))
        .key.dashed { border-top-style: dashed; }
        output { display: block; min-height: 1.3em; font-size: .8125rem; color: var(--soft); }
        table { border-collapse: collapse; font-size: .9rem; }
        th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--rule);
          vertical-align: top; }
        thead th, td { overflow-wrap: anywhere; } tbody th { font-weight: normal; color: var(--soft); }
        audio { display: block; width: 100%; margin-top: .5rem; }
        pre { overflow-x: auto; font-size: .8125rem; background: var(--panel); padding: .8rem; border-radius: .4rem; }
        @media print { body { max-width: none; padding: 0; } nav, audio, output { display: none; }
          figure { break-inside: avoid; border: 1px solid var(--rule); background: none; }
          .scroll { overflow: visible; } svg.timeline { width: 100% !important; max-width: 100%; }
          .scroll svg.heatmap { min-width: 0; } pre { white-space: pre-wrap; }
          image, .cell { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """
}
