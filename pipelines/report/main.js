// Put the parts on the page.
const put = (id, content) => place(id).append(...[content].flat(2).filter(Boolean));
const asOf = last ? last.finished_at ?? last.started_at : 0;
const open = told.conflicts.of_all + told.proposals.of_all + told.left_over.of_waiting;

function head() {
  place('file').textContent = told.file;
  if (!last) return;
  const [, name] = ending(last.exit_code);
  place('headline').textContent = open ? `${name}: ${some(open, 'thing waits', 'things wait')}` : name;
  const age = Date.now() / 1000 - asOf;
  place('subline').append(`${standing()} in ${some(holders.length, 'system')}, as of `, utc(asOf), age > 90 ? ` (${span(age)} ago).` : ' (just now).');
  document.title = `${name} · orgweave · ${told.file}`;
}

function choices(id, options) {
  place(id).append(...options.map(([key, text]) => make('option', { value: key }, text)));
}

function controls() {
  const day = 86400;
  choices('seek-what', [['all', 'everything'], ['marked', 'what has a remark'], ['new', 'new'], ['renamed', 'renamed'], ['moved', 'moved'], ['gone', 'gone'], ['back', 'back again'], ['written', 'written by orgweave'], ['failed', 'failed writes'], ['refused', 'refused'], ['held', 'held'], ['conflict', 'in conflict'], ['waiting', 'perhaps the same'], ['differs', 'systems disagree'], ['missing', 'missing somewhere']]);
  choices('seek-system', [['-1', 'all'], ...holders.map((system) => [String(system), told.systems[system]])]);
  choices('seek-since', [[String(asOf - 7 * day), 'seven days'], [String(last ? last.started_at : 0), 'run'], [String(asOf - day), 'day'], [String(asOf - 30 * day), 'thirty days'], ['0', '(all that is kept)']]);
  const read = () => {
    wish.text = place('seek-text').value;
    wish.what = place('seek-what').value;
    wish.system = Number(place('seek-system').value);
    wish.since = Number(place('seek-since').value);
    mark();
    filter();
    unfolded.clear();
    draw();
  };
  let later = 0;
  place('seek-text').addEventListener('input', () => { clearTimeout(later); later = setTimeout(read, 120); });
  ['seek-what', 'seek-system', 'seek-since'].forEach((id) => place(id).addEventListener('change', read));
  place('seek').addEventListener('submit', (event) => { event.preventDefault(); read(); });
  place('fold').addEventListener('click', () => { unfolded.clear(); for (let one = 0; one < count; one += 1) unfolded.add(-2 - one); draw(); });
  place('unfold').addEventListener('click', () => { level(); draw(); });
  read();
}

// One level more of what is unfolded: never all of ten thousand at once.
function level() {
  const front = [...place('tree').querySelectorAll('[aria-expanded=false]')].map((node) => Number(node.dataset.one)).slice(0, 200);
  front.forEach((one) => { unfolded.delete(-2 - one); unfolded.add(one); });
}

function navigation() {
  const parts = [['last', 'Last run', 0], ['organisation', 'Organisation', 0], ['differences', 'Disagreements', told.differences.of_all], ['waiting', 'Waiting', open], ['runs', 'Runs', 0], ['reads', 'Reads', 0]];
  place('nav').append(...parts.map(([id, name, much]) => make('li', {}, make('a', { href: `#${id}` }, name, much > 0 && make('b', {}, number(much))))));
}

head();
navigation();
put('last-body', lastRun());
put('coverage', coverage());
controls();
place('tree').addEventListener('keydown', keys);
put('legend', ['A square a system, in the order ', holders.map((system) => told.systems[system]).join(', '), ': filled where it holds the department, dashed where it does not, red where a write was refused or failed.']);
put('differences-body', differences());
put('waiting-body', waiting());
put('runs-body', history());
put('reads-body', receipts());
document.documentElement.dataset.ready = 'yes';
