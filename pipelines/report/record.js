// What is known of one department, below its row.
function detail(one) {
  const id = org.id[one];
  const facts = [];
  const add = (title, ...content) => facts.push(make('dt', {}, title), make('dd', {}, ...content));
  add('Path', said(path(one)));
  if (org.description[one]) add('Description', value(org.description[one]));
  if (org.member_count[one] !== null) add('Members', number(org.member_count[one]));
  if (!org.active[one]) add('State', 'gone at its source');
  holders.forEach((system) => {
    const row = held[one].get(system);
    if (!row) return add(told.systems[system], make('span', { class: 'quiet' }, 'does not hold it'));
    return add(told.systems[system], make('code', {}, row.source), row.own ? [' as ', said(row.own)] : '', row.there ? '' : make('span', { class: 'quiet' }, ' gone there'));
  });
  const past = [];
  told.happenings.of.forEach((each, at) => {
    if (each !== one) return;
    const was = told.happenings.was[at];
    past.push([told.happenings.at[at], make('div', {}, when(told.happenings.at[at]), ` ${told.happenings.what[at]}`, was === null ? '' : [', was ', said(was)])]);
  });
  told.writes.of.forEach((each, at) => {
    if (each === one) past.push([told.writes.at[at], make('div', {}, when(told.writes.at[at]), ` our ${told.writes.op[at]} in ${told.systems[told.writes.system[at]]}: ${told.writes.status[at]}`)]);
  });
  past.sort((left, right) => right[0] - left[0]);
  if (past.length) add('Lately', past.slice(0, 12).map((each) => each[1]));
  told.left_over.rows.filter((row) => row.of && row.of.includes(one)).forEach((row) =>
    add(`${row.status} in ${row.connection}`, `${row.op}: `, value(row.reason), ' ', make('span', { class: 'quiet' }, row.rule)));
  told.conflicts.rows.filter((row) => row.of && row.of.includes(one)).forEach((row) =>
    add(`Conflict: ${row.field}`, Object.entries(row.values || {}).map(([system, what]) => make('div', {}, `${system}: `, value(what)))));
  told.differences.rows.filter((row) => row.of && row.of.includes(one)).forEach((row) =>
    add(`${row.field} differs`, `${row.connection} says `, value(row.value)));
  add('Id', make('code', {}, id));
  return make('div', { class: 'detail' }, make('dl', {}, facts), command(`orgweave why department ${id}`));
}
