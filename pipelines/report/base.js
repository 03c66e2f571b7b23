// What every part uses. Nothing here or elsewhere reads text as markup: every text is a text node.
const told = JSON.parse(document.getElementById('told').textContent);
const place = (id) => document.getElementById(id);

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(key, value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== ''));
  return node;
}

// A vendor's text: isolated, so that its direction changes nothing around it.
const said = (text) => make('bdi', {}, text === null || text === undefined || text === '' ? '(no name)' : String(text));
const value = (text) => text === null || text === undefined || text === '' ? make('span', { class: 'quiet' }, '(empty)') : make('bdi', {}, typeof text === 'object' ? JSON.stringify(text) : String(text));
const chip = (kind, ...text) => make('span', { class: `chip ${kind}` }, ...text);
const number = (count) => Number(count).toLocaleString('en-GB');
const some = (count, one, many) => `${number(count)} ${count === 1 ? one : many || `${one}s`}`;
const command = (text) => make('code', { class: 'command' }, text);
// A word for a shell: quoted where it must be.
const word = (text) => /^[\w.:@/-]+$/.test(text) ? text : `'${String(text).replaceAll("'", "'\\''")}'`;

function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}

function when(seconds) {
  if (seconds === null || seconds === undefined) return make('span', { class: 'quiet' }, 'not told');
  return make('time', { datetime: iso(seconds) }, iso(seconds).slice(0, 16).replace('T', ' '));
}

// The same where it stands in a sentence, far from the words that say of all times what they are.
const utc = (seconds) => make('span', {}, when(seconds), seconds === null || seconds === undefined ? '' : ' UTC');

function span(seconds) {
  if (seconds < 1) return 'under 1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129600 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86400)} days`;
}

const ENDINGS = {
  0: ['good', 'In step', 'nothing is left for a person'],
  1: ['bad', 'A fault of orgweave', 'the log holds the details'],
  2: ['bad', 'Usage or configuration', 'nothing was done'],
  3: ['warn', 'A person is needed', 'something is refused, held, stale, failed, or waits'],
  4: ['bad', 'Stopped by a safety guard', 'before the first write'],
  5: ['bad', 'A connection failed', 'the others were carried on'],
};
const ending = (code) => ENDINGS[code] || ['dull', code === null ? 'Did not end' : `Exit code ${code}`, code === null ? 'it was killed, or still runs' : ''];

const OPS = { create: ['good', 'create'], rename: ['info', 'rename'], update: ['info', 'update'], move: ['info', 'move'], deactivate: ['warn', 'deactivate'], delete: ['bad', 'delete'] };
const STATUS = { done: 'good', adopted: 'good', ready: 'info', refused: 'bad', failed: 'bad', held: 'warn', stale: 'warn', unknown: 'warn' };

// A table; one of `cards` becomes a card a row where the screen is narrow.
function table(columns, rows, cards) {
  const cell = (tag, content, column) => make(tag, { class: column.number ? 'number' : null, scope: tag === 'th' ? 'col' : null, 'data-title': tag === 'td' ? column.title : null }, tag === 'td' ? make('div', {}, content) : content);
  return make('div', { class: 'scroll' }, make('table', { class: cards ? 'cards' : null },
    make('thead', {}, make('tr', {}, columns.map((column) => cell('th', column.title, column)))),
    make('tbody', {}, rows.map((row) => make('tr', {}, row.map((content, at) => cell('td', content, columns[at]))))),
  ));
}

// The first of many rows, and a button for the next ones.
function long(rows, render, first = 40) {
  const body = make('div', {});
  let shown = 0;
  let step = first;
  const more = make('button', { type: 'button', click: () => next() });
  function next() {
    body.append(render(rows.slice(shown, shown + step)));
    shown = Math.min(rows.length, shown + step);
    step = Math.max(first, 50);
    if (shown >= rows.length) more.remove();
    else { more.textContent = `Show ${number(Math.min(step, rows.length - shown))} more of ${number(rows.length - shown)}`; body.append(more); }
  }
  next();
  return body;
}

const more = (part, where) => part.of_all > part.rows.length && make('p', { class: 'note' },
  `The page holds the first ${number(part.rows.length)} of ${number(part.of_all)}; ${where} has them all.`);

// A path whose last name is what matters.
function trail(text) {
  const at = text === null || text === undefined ? -1 : text.lastIndexOf(' / ');
  return at < 0 ? said(text) : make('bdi', {}, make('span', { class: 'quiet' }, text.slice(0, at + 3)), text.slice(at + 3));
}

// What a change does: a name becomes another, or fields do.
function change(row) {
  const after = row.after || {};
  const before = row.before || {};
  const names = Object.keys(after);
  const shown = names.map((name) => make('div', {}, name === 'name' || name === 'title' ? null : `${name}: `,
    row.op === 'create' ? value(after[name]) : [make('span', { class: 'was' }, value(before[name])), ' → ', value(after[name])]));
  return shown.length ? shown : [value(row.name)];
}
