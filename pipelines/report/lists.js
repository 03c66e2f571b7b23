// The last run, what systems disagree on, what waits, and the receipts.
const last = told.runs[0] || null;

function tile(title, count, kind) {
  return make('div', { class: count ? null : 'zero' }, make('dt', {}, title), make('dd', {}, typeof count === 'number' ? number(count) : count));
}

function lastRun() {
  if (!last) return make('p', { class: 'quiet' }, 'Nothing has run yet.');
  const [kind, name, rest] = ending(last.exit_code);
  const took = last.finished_at === null ? '' : `, took ${span(last.finished_at - last.started_at)}`;
  const accounts = [...new Set([...Object.keys(last.pull), ...Object.keys(last.calls_by), ...told.changes.rows.map((row) => row.connection)])].sort();
  const planned = last.ready === null ? [] : [tile('Refused', last.refused), tile('Held', last.held)];
  return [
    make('p', {}, make('span', { class: `verdict ${kind}` }, name), ' ', make('code', {}, last.command), ' began ', utc(last.started_at), took, rest ? `: ${rest}.` : '.'),
    make('dl', { class: 'tiles' }, tile('Written', last.done), tile('Not done', last.failed), ...planned, tile('Differences', told.differences.of_all), tile('Calls', last.calls || 0)),
    accounts.length > 0 && table([{ title: 'System' }, { title: 'Read' }, { title: 'Whole' }, { title: 'Written' }, { title: 'Calls', number: true }], accounts.map(accountRow), true),
    changed(),
  ];
}

function accountRow(name) {
  const read = last.pull[name];
  const written = new Map();
  told.changes.rows.filter((row) => row.connection === name && STATUS[row.status] === 'good').forEach((row) => written.set(row.op, (written.get(row.op) || 0) + 1));
  return [
    name,
    read ? Object.entries(read.reads || {}).map(([what, rows]) => `${number(rows)} ${what}`).join(', ') || 'nothing' : make('span', { class: 'quiet' }, last.calls_by[name] ? 'what its writes needed' : 'not read'),
    read ? read.complete ? chip('good', 'yes') : [chip('bad', 'no'), ' ', value(read.reason)] : '',
    [...written].map(([op, times]) => `${number(times)} ${WRITTEN[op]}`).join(', ') || make('span', { class: 'quiet' }, 'nothing'),
    number(last.calls_by[name] || 0),
  ];
}

function changed() {
  const part = told.changes;
  if (!part.of_all) return make('p', { class: 'quiet' }, 'It wrote nothing.');
  const columns = [{ title: 'System' }, { title: 'What' }, { title: 'Record' }, { title: 'Became' }, { title: 'Why' }];
  return [
    make('h3', {}, some(part.of_all, 'change')),
    more(part, 'ops.changes'),
    long(part.rows, (rows) => table(columns, rows.map((row) => [
      row.connection,
      STATUS[row.status] === 'good' ? chip(OPS[row.op][0], `${row.op} ${row.entity}`) : [chip(STATUS[row.status] || 'warn', row.status), ` ${row.op} ${row.entity}`],
      trail(row.name), change(row), [value(row.reason), row.error && make('div', {}, chip('bad', 'error'), ' ', value(row.error))],
    ]), true), 8),
  ];
}

function coverage() {
  const kinds = [...new Set(told.coverage.map((row) => row.entity))];
  const plural = { department: 'Departments', team: 'Teams', task: 'Tasks', person: 'People' };
  if (!kinds.length) return make('p', { class: 'quiet' }, 'Nothing is known yet.');
  const systems = told.systems.filter((name) => told.coverage.some((row) => row.connection === name));
  const cell = (kind, name) => {
    const row = told.coverage.find((each) => each.entity === kind && each.connection === name);
    const several = told.coverage.filter((each) => each.entity === kind).length > 1;
    return row ? [number(row.held), row.alone && several ? make('div', { class: 'quiet alone' }, `${number(row.alone)} only there`) : ''] : make('span', { class: 'quiet' }, '–');
  };
  return table([{ title: 'Held by' }, { title: 'In all', number: true }, ...systems.map((title) => ({ title, number: true }))],
    kinds.map((kind) => [plural[kind] || kind, number(told.coverage.find((row) => row.entity === kind).of_all), ...systems.map((name) => cell(kind, name))]));
}

function differences() {
  const part = told.differences;
  if (!part.of_all) return make('p', { class: 'quiet' }, 'Every account says what the model says.');
  return [
    make('p', { class: 'quiet' }, 'Each row: what the model holds, whose value that is, and what another account says instead.'),
    more(part, 'org.linked_records beside org.departments'),
    long(part.rows, (rows) => table([{ title: 'Record' }, { title: 'Field' }, { title: 'The model' }, { title: 'Says otherwise' }], rows.map((row) => [
      [trail(row.record), ' ', make('span', { class: 'quiet' }, row.entity)], row.field,
      [value(row.survived), make('div', { class: 'quiet' }, [row.survived_from, row.rule].filter(Boolean).join(', '))],
      [make('strong', {}, `${row.connection} `), value(row.value)],
    ]), true), 12),
  ];
}

function proposal(row) {
  const parts = Object.entries(row.evidence || {}).filter(([, score]) => typeof score === 'number');
  const candidates = row.candidates || [];
  const scale = (score) => make('meter', { min: '0', max: '1', value: String(Math.max(0, Math.min(1, score))), 'aria-label': score.toFixed(2) });
  return make('article', { class: 'item' },
    make('p', {}, chip('odd', row.question), ' ', make('strong', {}, said(row.path || row.name)), ` ${row.entity} in ${row.connection} (${row.source_id})`),
    make('dl', { class: 'facts' },
      make('dt', {}, candidates.length > 1 ? 'Could be' : 'Is it'), make('dd', {}, candidates.map((one, at) => make('div', {}, said(one.name), ' ', make('code', { class: 'quiet' }, one.id.slice(0, 8)), at === 0 && row.score !== null ? ` ${row.score.toFixed(2)} alike` : ''))),
      row.siblings && row.siblings.length > 0 && [make('dt', {}, 'Beside it'), make('dd', {}, row.siblings.map((one, at) => [at ? ', ' : '', said(one)]).flat())],
      row.children && row.children.length > 0 && [make('dt', {}, 'Below it'), make('dd', {}, row.children.map((one, at) => [at ? ', ' : '', said(one)]).flat())],
      make('dt', {}, 'Why'), make('dd', {}, value(row.reason), row.follows > 0 && ` ${some(row.follows, 'record waits', 'records wait')} for it.`, row.waits_for && ' Another one must be decided first.'),
      row.since !== null && [make('dt', {}, 'Since'), make('dd', {}, when(row.since))]),
    parts.length > 0 && make('div', { class: 'evidence' }, parts.map(([name, score]) => [make('span', { class: 'quiet' }, name.replaceAll('_', ' ')), scale(score), make('span', {}, score.toFixed(2))]).flat()),
    command(`orgweave review accept ${row.proposal_id.slice(0, 8)}`), ' ', command(`orgweave review reject ${row.proposal_id.slice(0, 8)}`));
}

function conflict(row) {
  const names = Object.keys(row.values || {});
  return make('article', { class: 'item' },
    make('p', {}, chip('odd', 'conflict'), ' ', make('strong', {}, said(row.name)), ` ${row.entity}, ${row.field}`, row.since === null ? '' : [make('span', { class: 'quiet' }, ' since '), when(row.since)]),
    make('dl', { class: 'facts' }, names.map((name) => [make('dt', {}, name), make('dd', {}, value(row.values[name]))]).flat()),
    names.map((name) => [command(`orgweave review resolve ${row.conflict_id.slice(0, 8)} --take ${word(name)}`), ' ']).flat());
}

function leftOver() {
  const part = told.left_over;
  if (!part.of_all) return null;
  return [
    make('h3', {}, `${some(part.of_all, 'change')} that the newest plan refuses or holds`),
    more(part, 'ops.changes'),
    long(part.rows, (rows) => table([{ title: 'System' }, { title: 'What' }, { title: 'Record' }, { title: 'Would become' }, { title: 'Why not' }], rows.map((row) => [
      row.connection, [chip(STATUS[row.status], row.status), ' ', `${row.op} ${row.entity}`], trail(row.name), change(row), [value(row.reason), make('div', { class: 'quiet' }, row.rule)],
    ]), true), 12),
  ];
}

function waiting() {
  const blocks = [leftOver()];
  const group = (part, title, each) => part.of_all > 0 && blocks.push(make('h3', {}, title), more(part, 'orgweave review'), long(part.rows, (rows) => make('div', {}, rows.map(each)), 6));
  group(told.conflicts, `${some(told.conflicts.of_all, 'field')} on which authorities disagree`, conflict);
  group(told.proposals, `${some(told.proposals.of_all, 'record')} that may be another's`, proposal);
  if (!told.conflicts.of_all && !told.proposals.of_all && !told.left_over.of_all) blocks.push(make('p', { class: 'quiet' }, 'Nothing waits.'));
  if (told.decisions.length) blocks.push(make('h3', {}, 'What was decided last'), table([{ title: 'When' }, { title: 'Who' }, { title: 'What' }, { title: 'Record' }, { title: 'Note' }], told.decisions.map((row) => [
    when(row.decided_at), said(row.decided_by), [row.decision, row.field ? ` ${row.field}` : '', row.value === null ? '' : [' ', value(row.value)]],
    [said(row.name), ' ', make('span', { class: 'quiet' }, [row.connection, row.source_id].filter(Boolean).join(':'))], row.note === null ? '' : value(row.note)]), true));
  return blocks;
}

function receipts() {
  if (!told.reads.length) return make('p', { class: 'quiet' }, 'Nothing was read yet.');
  const sum = (row) => row.declared_total === null ? number(row.rows) : `${number(row.rows)} of ${number(row.declared_total)}`;
  return [
    make('p', { class: 'quiet' }, 'The newest read of each list. Only a whole one proves that something is gone.'),
    table([{ title: 'System' }, { title: 'List' }, { title: 'Whole' }, { title: 'Read' }, { title: 'Rows', number: true }, { title: 'Pages', number: true }, { title: 'Calls', number: true }, { title: 'Ended by' }], told.reads.map((row) => [
      row.connection, row.resource,
      row.complete ? chip('good', 'yes') : [chip('bad', 'no'), ' ', value(row.reason)],
      [when(row.started_at), make('div', { class: 'quiet' }, row.since === null ? 'everything' : ['changes since ', when(row.since)])],
      [sum(row), row.duplicates > 0 && make('div', { class: 'quiet' }, `${number(row.duplicates)} came twice`)],
      [number(row.pages), row.walks > 1 && make('div', { class: 'quiet' }, `${row.walks} walks`)],
      [number(row.calls), row.retries > 0 && make('div', { class: 'quiet' }, `${number(row.retries)} sent again`)],
      row.end_signal === null ? '' : value(row.end_signal)]), true),
  ];
}
