// The departments, what is to be remarked of each, and which of them the reader wants to see.
const org = told.departments;
const count = org.id.length;
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

// What the reader asked for.
const wish = { text: '', what: 'all', system: -1, since: 0 };
let marks = new Map();
let weight = new Uint32Array(count); // marks of what is below
let matches = null; // null: no filter
let visible = null;

function note(one, kind, name, text, system) {
  if (!marks.has(one)) marks.set(one, []);
  marks.get(one).push({ kind, name, text, system });
}

const WRITTEN = { create: 'created', rename: 'renamed', update: 'updated', move: 'moved', deactivate: 'deactivated', delete: 'deleted' };

// Our writes, one mark for the same in several systems; of what was tried again the newest counts.
function wrote() {
  const did = new Map();
  const known = new Set();
  told.writes.of.forEach((one, at) => {
    const [system, op, status] = [told.writes.system[at], told.writes.op[at], told.writes.status[at]];
    if (told.writes.at[at] < wish.since || (wish.system >= 0 && system !== wish.system) || known.has(`${one} ${system} ${op}`)) return;
    known.add(`${one} ${system} ${op}`);
    if (STATUS[status] !== 'good') return note(one, 'bad', 'failed', [`${op} ${status} in ${told.systems[system]}`], system);
    const key = `${one} ${op}`;
    if (!did.has(key)) did.set(key, { one, op, names: [] });
    return did.get(key).names.push(told.systems[system]);
  });
  did.forEach((each) => note(each.one, '', 'written', [`${WRITTEN[each.op]} in ${each.names.sort().join(', ')}`]));
}

function mark() {
  marks = new Map();
  const ours = (name) => wish.system < 0 || told.systems[wish.system] === name;
  told.happenings.of.forEach((one, at) => {
    if (told.happenings.at[at] < wish.since) return;
    const what = told.happenings.what[at];
    const was = told.happenings.was[at];
    const kind = { new: 'good', renamed: 'info', moved: 'info', gone: 'warn', back: 'good' }[what];
    note(one, kind, what, was === null ? [what] : [`${what}, was `, said(was)]);
  });
  wrote();
  for (const row of told.left_over.rows) {
    if (row.of && ours(row.connection)) row.of.forEach((one) => note(one, STATUS[row.status], row.status, [`${row.op} ${row.status} in ${row.connection}`], told.systems.indexOf(row.connection)));
  }
  for (const row of told.conflicts.rows) if (row.of) row.of.forEach((one) => note(one, 'odd', 'conflict', [`conflict: ${row.field}`]));
  for (const row of told.proposals.rows) {
    if (row.of && ours(row.connection)) row.of.forEach((one) => note(one, 'odd', 'waiting', [`may be ${row.connection}:${row.source_id}`]));
  }
  const differing = new Map();
  for (const row of told.differences.rows) {
    if (!row.of || !ours(row.connection)) continue;
    row.of.forEach((one) => differing.set(one, (differing.get(one) || new Set()).add(row.field)));
  }
  differing.forEach((fields, one) => note(one, 'warn', 'differs', [`${[...fields].join(', ')} ${fields.size > 1 ? 'differ' : 'differs'}`]));
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
  } else if (wish.what !== 'all' && !(marks.get(one) || []).some((each) => each.name === wish.what)) return false;
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
