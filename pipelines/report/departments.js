// The departments, what is to be remarked of each, and which of them the reader wants to see.
const org = told.departments;
const count = org.id.length;
const gone = org.active.filter((each) => !each).length; // they keep their place in the tree
const kids = new Map();
for (let one = 0; one < count; one += 1) {
  if (!kids.has(org.parent[one])) kids.set(org.parent[one], []);
  kids.get(org.parent[one]).push(one);
}
const order = new Intl.Collator(undefined, { numeric: true });
const sorted = new Set();
function below(one) {
  const list = kids.get(one) || [];
  if (!sorted.has(one)) {
    list.sort((left, right) => order.compare(org.name[left] || '', org.name[right] || '') || left - right);
    sorted.add(one);
  }
  return list;
}

const held = Array.from({ length: count }, () => new Map());
told.holdings.of.forEach((one, at) => {
  const row = { source: told.holdings.source_id[at], own: told.holdings.own_name[at], there: told.holdings.there[at] };
  const system = told.holdings.system[at];
  if (!held[one].has(system) || row.there) held[one].set(system, row);
});
const holders = told.systems.map((_, system) => system).filter((system) => held.some((one) => one.has(system)));

function path(one) {
  const names = [];
  for (let at = one; at >= 0 && names.length < 100; at = org.parent[at]) names.unshift(org.name[at] || '(no name)');
  return names.join(' / ');
}

// How many departments there are: those that are gone are no departments any more.
const standing = () => `${some(count - gone, 'department')}${gone ? ` and ${number(gone)} gone` : ''}`;

// What the reader asked for.
const wish = { text: '', what: 'all', system: -1, since: 0 };
let marks = new Map();
let weight = new Uint32Array(count); // marks of what is below
let matches = null; // null: no filter
let visible = null;

// A remark: what it is found by, the systems that it is about, and its words.
function note(one, kind, names, text, systems = []) {
  if (!marks.has(one)) marks.set(one, []);
  marks.get(one).push({ kind, names, text, systems });
}

const WRITTEN = { create: 'created', rename: 'renamed', update: 'updated', move: 'moved', deactivate: 'deactivated', delete: 'deleted' };
const HAPPENED = { create: 'new', rename: 'renamed', move: 'moved' }; // what a write makes of a record elsewhere
const KINDS = { new: 'good', renamed: 'info', moved: 'info', gone: 'warn', back: 'good' };

// One of each key, however often it comes; `add` is given what is known of it so far.
function gather() {
  const known = new Map();
  return { known, add: (key, first, grow) => { if (!known.has(key)) known.set(key, first); grow(known.get(key)); } };
}

// What became of the departments, one remark of a kind each, with what it was at first; they come newest first.
function happenings() {
  const found = gather();
  told.happenings.of.forEach((one, at) => {
    if (told.happenings.at[at] < wish.since) return;
    const what = told.happenings.what[at];
    found.add(`${one} ${what}`, { one, what, names: [] }, (each) => { each.was = told.happenings.was[at]; });
  });
  return found.known;
}

// Our writes, one remark for the same in several systems; of what was tried again the newest counts.
function writes() {
  const found = gather();
  const known = new Set();
  told.writes.of.forEach((one, at) => {
    const [system, op, status] = [told.writes.system[at], told.writes.op[at], told.writes.status[at]];
    if (told.writes.at[at] < wish.since || (wish.system >= 0 && system !== wish.system) || known.has(`${one} ${system} ${op}`)) return;
    known.add(`${one} ${system} ${op}`);
    const good = STATUS[status] === 'good';
    found.add(`${one} ${op} ${good || status}`, { one, op, status, good, systems: [] }, (each) => each.systems.push(system));
  });
  return found.known;
}

const listed = (systems) => systems.map((system) => told.systems[system]).sort().join(', ');

function wroteAndHappened() {
  const happened = happenings();
  const alone = [...writes().values()].filter((each) => {
    const same = each.good && happened.get(`${each.one} ${HAPPENED[each.op]}`);
    if (same) same.names = each.systems;
    return !same;
  });
  happened.forEach(({ one, what, was, names }) => {
    const text = [what, was === null ? '' : [', was ', said(was)], names.length ? `; written to ${listed(names)}` : ''].flat();
    note(one, KINDS[what], names.length ? [what, 'written'] : [what], text.filter(Boolean));
  });
  alone.forEach(({ one, op, status, good, systems }) => good
    ? note(one, '', ['written'], [`${WRITTEN[op]} in ${listed(systems)}`])
    : note(one, 'bad', ['failed'], [`${op} ${status} in ${listed(systems)}`], systems));
}

// What the newest plan left over, one remark for the same in several systems.
function stopped(ours) {
  const found = gather();
  told.left_over.rows.filter((row) => row.of && ours(row.connection)).forEach((row) => row.of.forEach((one) =>
    found.add(`${one} ${row.op} ${row.status}`, { one, row, systems: new Set() }, (each) => each.systems.add(told.systems.indexOf(row.connection)))));
  found.known.forEach(({ one, row, systems }) =>
    note(one, STATUS[row.status], [row.status], [`${row.op} ${row.status} in ${listed([...systems])}`], [...systems]));
}

function mark() {
  marks = new Map();
  const ours = (name) => wish.system < 0 || told.systems[wish.system] === name;
  wroteAndHappened();
  stopped(ours);
  for (const row of told.conflicts.rows) if (row.of) row.of.forEach((one) => note(one, 'odd', ['conflict'], [`conflict: ${row.field}`]));
  for (const row of told.proposals.rows) {
    if (row.of && ours(row.connection)) row.of.forEach((one) => note(one, 'odd', ['waiting'], [`may be ${row.connection}:${row.source_id}`]));
  }
  const differing = new Map();
  for (const row of told.differences.rows) {
    if (!row.of || !ours(row.connection)) continue;
    row.of.forEach((one) => differing.set(one, (differing.get(one) || new Set()).add(row.field)));
  }
  differing.forEach((fields, one) => note(one, 'warn', ['differs'], [`${[...fields].join(', ')} ${fields.size > 1 ? 'differ' : 'differs'}`]));
  weigh();
}

function weigh() {
  weight = new Uint32Array(count);
  for (let one = count - 1; one >= 0; one -= 1) { // a parent stands before its children
    if (org.parent[one] >= 0) weight[org.parent[one]] += weight[one] + (marks.has(one) ? 1 : 0);
  }
}

function isMatch(one, text) {
  if (wish.system >= 0 && wish.what === 'all' && !text && !held[one].has(wish.system) && !marks.has(one)) return false;
  if (wish.what === 'missing') {
    if (wish.system >= 0 ? held[one].has(wish.system) : held[one].size >= holders.length) return false;
  } else if (wish.what === 'marked') {
    if (!marks.has(one)) return false;
  } else if (wish.what !== 'all' && !(marks.get(one) || []).some((each) => each.names.includes(wish.what))) return false;
  if (!text) return true;
  if ((org.name[one] || '').toLocaleLowerCase().includes(text) || org.id[one].startsWith(text)) return true;
  for (const each of held[one].values()) if (each.source === wish.text.trim() || (each.own || '').toLocaleLowerCase().includes(text)) return true;
  return text.includes(' / ') && path(one).toLocaleLowerCase().includes(text);
}

function filter() {
  const text = wish.text.trim().toLocaleLowerCase();
  matches = null;
  visible = null;
  if (!text && wish.what === 'all' && wish.system < 0) return;
  matches = new Set();
  visible = new Set();
  for (let one = 0; one < count; one += 1) {
    if (!isMatch(one, text)) continue;
    matches.add(one);
    for (let at = one; at >= 0 && !visible.has(at); at = org.parent[at]) visible.add(at);
  }
}
