// The history of runs: one bar a run, oldest first.
const KEPT = 60;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([key, text]) => node.setAttribute(key, String(text)));
  node.append(...children);
  return node;
}

function bars(runs, title, parts, unit, strip) {
  const slots = Math.max(runs.length, 20);
  const total = (run) => parts.reduce((sum, part) => sum + part.of(run), 0);
  const top = Math.max(0, ...runs.map(total));
  const most = Math.max(1, top);
  const drawn = svg('svg', { viewBox: `0 0 ${slots * 10} 100`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${title}, ${some(runs.length, 'run')}; the table below has the numbers` });
  runs.forEach((run, at) => {
    const left = (slots - runs.length + at) * 10;
    const group = svg('g', {}, svg('title', {}, `${run.command} ${iso(run.started_at).slice(0, 16).replace('T', ' ')}: ${parts.map((part) => part.say(run)).join(', ')}`));
    group.append(svg('rect', { x: left, y: 0, width: 10, height: 100, 'fill-opacity': 0 }), svg('rect', { x: left + 1.5, y: 98.5, width: 7, height: 1.5, class: 'base' }));
    let floor = 100;
    parts.forEach((part) => {
      const high = strip ? 100 : Math.max(part.of(run) > 0 ? 3 : 0, part.of(run) / most * 98);
      floor -= high;
      if (high) group.append(svg('rect', { x: left + 1.5, y: floor, width: 7, height: high, class: part.kind(run) }));
    });
    drawn.append(group);
  });
  const day = (run) => iso(run.started_at).slice(0, 10);
  return make('figure', { class: strip ? 'strip' : null },
    make('figcaption', {}, make('b', {}, title), make('span', { class: 'quiet' }, strip ? unit : top ? `at most ${number(top)}${unit}` : 'none')), drawn,
    make('p', { class: 'axis' }, make('span', {}, day(runs[0])), make('span', {}, day(runs[runs.length - 1]))));
}

function history() {
  const runs = told.runs.slice(0, KEPT).reverse();
  if (!runs.length) return make('p', { class: 'quiet' }, 'Nothing has run yet.');
  const took = (run) => run.finished_at === null ? 0 : run.finished_at - run.started_at;
  const fixed = (kind) => () => kind;
  const columns = [{ title: 'Began' }, { title: 'Command' }, { title: 'Ended' }, { title: 'Took', number: true }, { title: 'Written', number: true }, { title: 'Not done', number: true }, { title: 'Refused', number: true }, { title: 'Held', number: true }, { title: 'Calls', number: true }, { title: 'Run' }];
  const row = (run) => [when(run.started_at), run.command, chip(ending(run.exit_code)[0], ending(run.exit_code)[1]), run.finished_at === null ? '–' : span(took(run)),
    number(run.done), number(run.failed), number(run.refused), number(run.held), number(run.calls || 0), make('code', {}, run.run_id.slice(0, 8))];
  return [
    make('div', { class: 'charts' },
      bars(runs, 'How they ended', [{ of: fixed(1), kind: (run) => ending(run.exit_code)[0], say: (run) => ending(run.exit_code)[1] }], 'green: in step; amber: a person is needed; red: stopped or failed', true),
      bars(runs, 'Writes', [{ of: (run) => run.done, kind: fixed('bar'), say: (run) => `${run.done} written` }, { of: (run) => run.failed, kind: fixed('bad'), say: (run) => `${run.failed} not done` }], ''),
      bars(runs, 'Calls', [{ of: (run) => run.calls || 0, kind: fixed('bar'), say: (run) => `${run.calls || 0} calls` }], ''),
      bars(runs, 'Refused or held', [{ of: (run) => run.refused + run.held, kind: fixed('warn'), say: (run) => `${run.refused} refused, ${run.held} held` }], ''),
      bars(runs, 'Seconds', [{ of: took, kind: fixed('bar'), say: (run) => span(took(run)) }], ' s')),
    make('details', {}, make('summary', {}, `The last ${some(told.runs.length, 'run')} as a table`), table(columns, told.runs.map(row))),
  ];
}
