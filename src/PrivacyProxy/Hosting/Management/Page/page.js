'use strict';
// Reads what /metrics, /readyz and /traces say, as `top` does, and nothing else. Text from there is only ever put in as text.
// slow is where `top` puts its mark.
const everySecond = 1000, points = 120, floor = 50e-6, ceiling = 1, stall = 40e-3, slow = 5e-3;
const past = [];
let before = null, nodesBefore = new Map();
const lastOfNodes = new Map();

const at = id => document.getElementById(id);

function make(name, text, type) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (type) element.className = type;
  return element;
}

function fill(table, head, rows, nothing) {
  const lines = [];
  if (head && rows.length) {
    const line = make('tr');
    for (const [text, type] of head) line.append(make('th', text, type));
    lines.push(line);
  }
  for (const row of rows) {
    const line = make('tr');
    for (const cell of row) line.append(cell instanceof Node ? cell : make('td', cell[0], cell[1]));
    lines.push(line);
  }
  if (!rows.length) {
    const line = make('tr');
    line.append(make('td', nothing, 'none'));
    lines.push(line);
  }
  table.replaceChildren(...lines);
}

// The lines of the text format: name{label="value",...} number
function parse(text) {
  const families = new Map();
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, name, value] of (match[2] || '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[name] = value.replace(/\\(.)/g, (_, c) => c === 'n' ? '\n' : c);
    if (!families.has(match[1])) families.set(match[1], []);
    families.get(match[1]).push({ labels, value: Number(match[3].replace('+Inf', 'Infinity')) });
  }
  return families;
}

const series = (metrics, name) => metrics.get('privacy_proxy_' + name) || [];
const sum = (metrics, name) => series(metrics, name).reduce((all, one) => all + one.value, 0);

function seconds(value) {
  if (value === null || Number.isNaN(value)) return '-';
  if (value < 1e-3) return Math.round(value * 1e6) + ' \u00b5s';
  return value < 1 ? (value * 1e3).toPrecision(3) + ' ms' : value.toPrecision(3) + ' s';
}

function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return (unit ? value.toPrecision(3) : value) + ' ' + units[unit];
}

function duration(value) {
  return value < 120 ? Math.round(value) + ' s' : value < 7200 ? Math.round(value / 60) + ' min' : value < 172800 ? Math.round(value / 3600) + ' h' : Math.round(value / 86400) + ' d';
}

// Counts of a histogram by upper bound, of all series together or of some.
function buckets(metrics, name, isMeant = () => true) {
  const counts = new Map();
  for (const { labels, value } of series(metrics, name + '_bucket')) {
    if (!isMeant(labels)) continue;
    const bound = Number(labels.le.replace('+Inf', 'Infinity'));
    counts.set(bound, (counts.get(bound) || 0) + value);
  }
  return counts;
}

// Interpolated within a bucket; null when nothing was measured since.
function quantile(now, then, share) {
  const bounds = [...now.keys()].sort((a, b) => a - b);
  const counts = bounds.map(bound => now.get(bound) - ((then && then.get(bound)) || 0));
  const all = counts.at(-1);
  if (!all || all < 0) return null;
  const wanted = share * all;
  let lower = 0, below = 0;
  for (let i = 0; i < bounds.length; i++) {
    if (counts[i] >= wanted) return bounds[i] === Infinity ? lower : lower + (bounds[i] - lower) * (counts[i] === below ? 1 : (wanted - below) / (counts[i] - below));
    lower = bounds[i];
    below = counts[i];
  }
  return lower;
}

function shape(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

function draw() {
  const [left, right, top, bottom] = [62, 594, 8, 190];
  const y = value => bottom - (Math.log(Math.min(Math.max(value, floor), ceiling) / floor) / Math.log(ceiling / floor)) * (bottom - top);
  const x = i => right - (past.length - 1 - i) * (right - left) / (points - 1);
  const shapes = [];
  for (const value of [100e-6, 1e-3, 10e-3, 100e-3, 1]) {
    shapes.push(shape('line', { x1: left, x2: right, y1: y(value), y2: y(value), class: 'grid' }), shape('text', { x: 4, y: y(value) + 3 }, seconds(value)));
  }
  shapes.push(shape('line', { x1: left, x2: right, y1: y(stall), y2: y(stall), class: 'stall' }), shape('text', { x: 4, y: y(stall) + 3 }, '40 ms'));
  // From the ground up: a second in which checks were slow is seen from afar.
  past.forEach((point, i) => {
    if (point.p99 > slow) shapes.push(shape('path', { d: `M${x(i).toFixed(1)} ${bottom}V${y(point.p99).toFixed(1)}`, class: 'late' }));
  });
  for (const key of ['p50', 'p99']) {
    let line = '', dots = '', slowDots = '', isOn = false;
    past.forEach((point, i) => {
      if (point[key] === null) { isOn = false; return; }
      const place = x(i).toFixed(1) + ' ' + y(point[key]).toFixed(1);
      line += (isOn ? 'L' : 'M') + place;
      // A dot is a line to where it is, with round ends: as large on a telephone as on a wide screen.
      if (key === 'p99' && point[key] > slow) slowDots += 'M' + place + 'h0';
      else dots += 'M' + place + 'h0';
      isOn = true;
    });
    for (const [d, type] of [[line, 'line'], [dots, 'dots'], [slowDots, 'dots slow']]) if (d) shapes.push(shape('path', { d, class: key + ' ' + type }));
  }
  at('chart').replaceChildren(...shapes);
}

function showChecks(metrics) {
  const now = buckets(metrics, 'double_spend_check_seconds');
  const point = before ? { p50: quantile(now, before, 0.5), p99: quantile(now, before, 0.99) } : { p50: null, p99: null };
  before = now;
  past.push(point);
  if (past.length > points) past.shift();
  const last = past.findLast(each => each.p99 !== null);
  if (last) at('check-now').replaceChildren(make('span', 'p50 ' + seconds(last.p50), 'key50'), ' ', make('span', 'p99 ' + seconds(last.p99) + (last.p99 > slow ? ' !' : ''), last.p99 > slow ? 'key99 alarm' : 'key99'));
  else if (sum(metrics, 'double_spend_check_seconds_count')) at('check-now').textContent = 'no checks since this page was opened; p99 since the start ' + seconds(quantile(now, null, 0.99));
  draw();
}

function show(metrics) {
  const tunnels = series(metrics, 'tunnels_active').filter(one => one.value > 0).map(one => [[one.labels.protocol], [one.labels.kind], [one.value, 'number']]);
  tunnels.push([['open'], [''], [sum(metrics, 'connections_active'), 'number']], [['opened'], [''], [sum(metrics, 'connections_total'), 'number']],
    [['sent'], [''], [bytes(sum(metrics, 'bytes_sent_total')), 'number']], [['received'], [''], [bytes(sum(metrics, 'bytes_received_total')), 'number']]);
  fill(at('tunnels'), null, tunnels, '');
  const good = /accepted$/;
  fill(at('redemptions'), null, series(metrics, 'token_redemptions_total').filter(one => one.value > 0).sort((a, b) => b.value - a.value)
    .map(one => [[one.labels.result, good.test(one.labels.result) ? 'good' : ''], [one.value, 'number']]), 'none yet');
  const nodes = new Map();
  for (const { labels, value } of series(metrics, 'spent_token_store_node_state')) if (value === 1) nodes.set(labels.node, labels.state);
  const evictions = new Map(series(metrics, 'spent_token_store_evictions').map(one => [one.labels.node, one.value]));
  const nodesNow = new Map();
  fill(at('store'), [['node'], ['state'], ['p50', 'number'], ['p99', 'number'], ['evicted', 'number']], [...nodes].sort().map(([node, state]) => {
    const now = buckets(metrics, 'spent_token_store_node_seconds', labels => labels.node === node);
    nodesNow.set(node, now);
    // Since the look before, or of the last one in which it was asked anything.
    const [p50, p99] = [0.5, 0.99].map(share => quantile(now, nodesBefore.get(node), share));
    if (p99 !== null) lastOfNodes.set(node, [p50, p99]);
    const [known50, known99] = lastOfNodes.get(node) || [null, null];
    const isSlow = known99 > slow;
    return [[node], [state, state === 'up' ? 'good' : state === 'down' ? 'bad' : 'warn'], [seconds(known50), 'number'], [seconds(known99) + (isSlow ? ' !' : ''), isSlow ? 'number bad' : 'number'], [evictions.get(node) || 0, 'number']];
  }), 'no nodes: the store is in this process or a file');
  nodesBefore = nodesNow;
  fill(at('issuers'), [['issuer'], ['keys end in', 'number']], series(metrics, 'issuer_key_expiry_seconds').map(one => [[one.labels.issuer], [duration(one.value), one.value < 86400 ? 'number warn' : 'number']]), 'no issuer whose keys have an end');
  showChecks(metrics);
}

async function showTrace(id) {
  const answer = await fetch('traces/' + encodeURIComponent(id));
  at('trace').hidden = false;
  at('trace').textContent = await answer.text();
}

function showTraces(traces) {
  fill(at('traces'), [['time'], ['kept'], ['took', 'number'], ['result'], ['']], traces.slice(0, 20).map(trace => {
    const cell = make('td');
    const button = make('button', 'spans');
    button.addEventListener('click', () => showTrace(trace.traceId));
    cell.append(button);
    return [[new Date(trace.time).toLocaleTimeString()], [trace.kept], [seconds(trace.ms / 1000), 'number'], [trace.result], cell];
  }), 'none kept yet: slow and failed requests are, and one in a hundred of the others');
}

function showState(status, text) {
  const lines = text.trim().split('\n');
  at('state').textContent = lines[0];
  at('state').className = status === 200 ? 'ready' : 'not';
  at('missing').hidden = lines.length < 2;
  at('missing').replaceChildren(...lines.slice(1).map(line => make('li', line)));
}

async function look() {
  try {
    const [ready, metrics, traces] = await Promise.all([fetch('readyz'), fetch('metrics', { headers: { Accept: 'text/plain' } }), fetch('traces', { headers: { Accept: 'application/json' } })]);
    showState(ready.status, await ready.text());
    if (metrics.ok) show(parse(await metrics.text()));
    if (traces.ok) showTraces(await traces.json());
    at('lost').hidden = true;
    at('lost-at').textContent = new Date().toLocaleTimeString();
  } catch {
    at('lost').hidden = false;
    before = null;
    nodesBefore = new Map();
  }
  setTimeout(look, everySecond);
}

look();
