// The tree on the page. Only what is unfolded is there, a hundred records of a branch at a time.
const STEP = 100;
const OPEN_WHOLE = 60; // an organisation of so few departments is shown unfolded
const unfolded = new Set(); // by hand; -2 - n stands for: folded by hand
const opened = new Set(); // whose details are shown
const shown = (one) => below(one).filter((each) => !visible || visible.has(each));

function isOpen(one) {
  if (unfolded.has(one)) return true;
  if (unfolded.has(-2 - one)) return false; // folded by hand
  if (matches && matches.size <= 300) return shown(one).length > 0;
  return count <= OPEN_WHOLE || (org.parent[one] < 0 && kids.get(-1).length === 1);
}

function twisty() {
  const space = 'http://www.w3.org/2000/svg';
  const drawn = document.createElementNS(space, 'svg');
  drawn.setAttribute('viewBox', '0 0 16 16');
  drawn.setAttribute('class', 'twisty');
  drawn.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(space, 'path');
  line.setAttribute('d', 'M6 3.5 10.5 8 6 12.5');
  drawn.append(line);
  return drawn;
}

function dots(one) {
  const troubled = new Set((marks.get(one) || []).filter((each) => each.kind === 'bad').flatMap((each) => each.systems));
  const names = holders.map((system) => `${told.systems[system]}: ${held[one].has(system) ? held[one].get(system).there ? 'holds it' : 'gone there' : 'does not hold it'}${troubled.has(system) ? ', trouble' : ''}`);
  return make('span', { class: 'systems', role: 'img', 'aria-label': names.join('; '), title: names.join('\n') }, holders.map((system) =>
    make('span', { class: `dot ${troubled.has(system) ? 'trouble' : held[one].has(system) && held[one].get(system).there ? '' : 'none'}` })));
}

function lit(text) {
  const wanted = wish.text.trim().toLocaleLowerCase();
  const at = wanted ? text.toLocaleLowerCase().indexOf(wanted) : -1;
  if (at < 0) return said(text);
  return make('bdi', {}, text.slice(0, at), make('mark', {}, text.slice(at, at + wanted.length)), text.slice(at + wanted.length));
}

function item(one, level) {
  const list = shown(one);
  const open = list.length > 0 && isOpen(one);
  const own = wish.system >= 0 && held[one].has(wish.system) ? held[one].get(wish.system).own : null;
  const hidden = !open && weight[one] > 0;
  const aside = (matches && !matches.has(one)) || (wish.system >= 0 && !held[one].has(wish.system));
  const kind = `${org.active[one] ? '' : 'absent'} ${aside ? 'aside' : ''}`.trim();
  const row = make('div', { class: 'row', click: (event) => act(one, event) },
    list.length ? twisty() : make('span', { class: 'twisty' }),
    make('span', { class: 'label' },
      make('span', { class: 'name' }, lit(own || org.name[one] || '(no name)')),
      list.length > 0 && make('span', { class: 'count' }, number(list.length)),
      org.depth[one] === null && chip('bad', 'in a circle'),
      (marks.get(one) || []).slice(0, 6).map((each) => chip(each.kind, ...each.text.map((part) => part.cloneNode ? part.cloneNode(true) : part))),
      hidden && make('span', { class: 'count' }, `· ${some(weight[one], 'change or remark', 'changes or remarks')} below`)),
    dots(one));
  const node = make('li', { role: 'treeitem', class: kind || null, 'data-one': String(one), 'aria-level': String(level), 'aria-expanded': list.length ? String(open) : null, tabindex: '-1' }, row);
  if (opened.has(one)) node.append(detail(one));
  if (open) node.append(branch(list, level + 1, make('ul', { role: 'group' })));
  return node;
}

function branch(list, level, into) {
  let done = 0;
  const further = make('li', { role: 'none' }, make('button', { type: 'button', click: () => next() }));
  function next() {
    further.remove();
    into.append(...list.slice(done, done + STEP).map((one) => item(one, level)));
    done = Math.min(list.length, done + STEP);
    if (done >= list.length) return;
    further.firstChild.textContent = `Show ${number(Math.min(STEP, list.length - done))} more of ${number(list.length - done)}`;
    into.append(further);
  }
  next();
  return into;
}

function again(one) { // one record and what is below it
  const old = place('tree').querySelector(`[data-one="${one}"]`);
  if (!old) return;
  const fresh = item(one, Number(old.getAttribute('aria-level')));
  old.replaceWith(fresh);
  focusOn(fresh);
}

function fold(one, open) {
  unfolded.delete(one);
  unfolded.delete(-2 - one);
  unfolded.add(open ? one : -2 - one);
  again(one);
}

function act(one, event) {
  if (event && event.target.closest('svg.twisty')) return fold(one, !isOpen(one));
  if (opened.has(one)) opened.delete(one);
  else opened.add(one);
  return again(one);
}

function focusOn(node, quietly) {
  place('tree').querySelectorAll('[tabindex="0"]').forEach((each) => each.setAttribute('tabindex', '-1'));
  node.setAttribute('tabindex', '0');
  if (!quietly) node.focus({ preventScroll: false });
}

function keys(event) {
  const here = event.target.closest('[role=treeitem]');
  if (!here || event.target.closest('button, code') || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...place('tree').querySelectorAll('[role=treeitem]')];
  const at = all.indexOf(here);
  const one = Number(here.dataset.one);
  const open = here.getAttribute('aria-expanded');
  const go = (node) => node && focusOn(node);
  const moves = {
    ArrowDown: () => go(all[at + 1]),
    ArrowUp: () => go(all[at - 1]),
    Home: () => go(all[0]),
    End: () => go(all[all.length - 1]),
    ArrowRight: () => open === 'false' ? fold(one, true) : open === 'true' && go(all[at + 1]),
    ArrowLeft: () => open === 'true' ? fold(one, false) : go(here.parentElement.closest('[role=treeitem]')),
    Enter: () => act(one),
    ' ': () => act(one),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
}

function draw() {
  const tree = place('tree');
  tree.replaceChildren();
  const roots = shown(-1);
  branch(roots, 1, tree);
  if (!roots.length) tree.append(make('li', { role: 'none', class: 'quiet empty' }, count ? 'No department is so.' : 'No department is known yet.'));
  const first = tree.querySelector('[role=treeitem]');
  if (first) focusOn(first, true);
  place('found').textContent = matches ? `${some(matches.size, 'department')} of ${number(count)}${gone ? ', gone ones included' : ''}` : standing();
}
