/** The small page: a column of cells that were run, a place to write the next one, and an honest line about the kernel. */
import { api } from './api.js';
import { KernelSocket, newId } from './kernel-socket.js';
import { fill, Outputs } from './outputs.js';

/** The session that belongs to this page, so that a reload finds its kernel again. */
const PATH = 'carrel-page';
const MEMORY_EVERY = 2000;
const MOST_CELLS = 100;

const $ = (id) => document.getElementById(id);
const displays = new Map();
/** Cells that were sent, by the id of their request. */
const running = new Map();
let kernel;
let socket;
let starting;
/** Names this page to the gateway, which keeps what it missed while its connection was lost. */
const tab = newId();

function state(name, text) {
  $('state').dataset.state = name;
  $('state').textContent = text;
  $('interrupt').disabled = name !== 'busy' && name !== 'idle';
  $('restart').disabled = kernel === undefined;
}

function note(text) {
  const item = document.createElement('li');
  item.className = 'note';
  item.textContent = text;
  show(item);
}

function show(item) {
  $('cells').append(item);
  while ($('cells').children.length > MOST_CELLS) $('cells').firstElementChild.remove();
  item.scrollIntoView({ block: 'nearest' });
}

function failed(error) {
  if (error.status === 401) location.reload();
  else if (kernel === undefined) state('dead', error.message);
  else note(error.message);
}

const findSession = async () => (await api('GET', 'api/sessions')).find((session) => session.path === PATH);

function attach(model) {
  socket?.close();
  kernel = model;
  $('spec').value = model.name;
  state('wait', 'Connecting …');
  socket = new KernelSocket(model.id, tab, {
    open: () => {
      state(running.size > 0 ? 'busy' : 'idle', running.size > 0 ? 'Running' : 'Ready');
      socket.send('shell', 'kernel_info_request', {});
    },
    lost: (attempt) => {
      state('wait', `The connection is lost. Trying again (${attempt}); the kernel goes on meanwhile.`);
      api('GET', `api/kernels/${model.id}`).catch(
        (error) => error.status === 404 && gone('it has ended on the server'),
      );
    },
    ended: gone,
    message: receive,
  });
}

function gone(reason) {
  socket?.close();
  socket = kernel = undefined;
  for (const cell of running.values()) cell.end('error');
  running.clear();
  $('memory').hidden = true;
  note(`The kernel has ended: ${reason || 'no reason was given'}. Its variables are gone.`);
  state('dead', 'The kernel has ended. The next run starts a new one.');
}

/** The kernel of the page; started where there is none. */
function started() {
  if (kernel !== undefined) return Promise.resolve();
  starting ??= (async () => {
    state('wait', 'Starting a kernel …');
    const wish = { path: PATH, type: 'console', name: 'Carrel', kernel: { name: $('spec').value } };
    attach((await api('POST', 'api/sessions', wish)).kernel);
  })().finally(() => {
    starting = undefined;
  });
  return starting;
}

async function run(code) {
  const cell = newCell(code);
  try {
    await started();
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: true,
      stop_on_error: true,
    };
    running.set(socket.send('shell', 'execute_request', content), cell);
    state('busy', 'Running');
  } catch (error) {
    cell.outputs.error([error.message]);
    cell.end('error');
    failed(error);
  }
}

function newCell(code) {
  const item = document.createElement('li');
  item.dataset.run = 'busy';
  const source = item.appendChild(document.createElement('pre'));
  source.className = 'source';
  source.textContent = code;
  const box = item.appendChild(document.createElement('div'));
  box.className = 'outputs';
  show(item);
  const outputs = new Outputs(box, displays);
  const end = (how) => {
    item.dataset.run = how;
    box.querySelector('form.prompt')?.remove();
  };
  return { item, outputs, end, replied: undefined, idle: false };
}

function receive({ channel, header, parent, content }) {
  const cell = running.get(parent.msg_id);
  if (header.msg_type === 'status') status(content.execution_state, parent.msg_id);
  else if (header.msg_type === 'update_display_data')
    for (const place of displays.get(content.transient?.display_id) ?? []) fill(place, content.data);
  else if (cell !== undefined) draw(cell, channel, header, content);
}

function draw(cell, channel, header, content) {
  const { outputs } = cell;
  switch (header.msg_type) {
    case 'stream':
      outputs.stream(content.name, content.text);
      break;
    case 'execute_result':
    case 'display_data':
      outputs.data(content.data, content.transient?.display_id);
      break;
    case 'error':
      cell.told = true;
      outputs.error(content.traceback?.length > 0 ? content.traceback : [`${content.ename}: ${content.evalue}`]);
      break;
    case 'clear_output':
      outputs.clear(content.wait);
      break;
    case 'input_request':
      outputs.prompt(content.prompt, content.password, (value) =>
        socket?.send('stdin', 'input_reply', { status: 'ok', value }, header),
      );
      break;
    case 'execute_reply':
      if (channel !== 'shell') break;
      cell.replied = content.status === 'ok' ? 'ok' : 'error';
      if (cell.replied === 'error' && !cell.told)
        outputs.error([
          content.status === 'aborted' ? 'Not run: a cell before it failed.' : `${content.ename}: ${content.evalue}`,
        ]);
      break;
  }
  finish(cell);
}

/** A cell has ended when both its reply and its idle have come; they take different ways. */
function finish(cell) {
  if (cell.replied === undefined || !cell.idle) return;
  for (const [id, other] of running) if (other === cell) running.delete(id);
  cell.end(cell.replied);
  if (running.size === 0) state('idle', 'Ready');
}

function status(execution, request) {
  const cell = running.get(request);
  if (execution === 'restarting') restarted('The kernel died and was started again. Its variables are gone.');
  else if (execution === 'dead') gone('it died and could not be started again');
  else if (execution === 'idle' && cell !== undefined) {
    cell.idle = true;
    finish(cell);
  }
}

function restarted(text) {
  for (const cell of running.values()) cell.end('error');
  running.clear();
  note(text);
  state('idle', 'Ready');
}

async function memory() {
  if (kernel === undefined || document.hidden) return;
  const usage = await api('GET', `api/kernels/${kernel.id}/usage`).catch(() => undefined);
  $('memory').hidden = !usage?.memory;
  if (!usage?.memory) return;
  const mib = (bytes) => Math.round(bytes / 2 ** 20);
  $('meter').value = usage.memory.used / usage.memory.limit;
  $('amount').textContent = `${mib(usage.memory.used)} of ${mib(usage.memory.limit)} MiB`;
}

$('entry').onsubmit = (event) => {
  event.preventDefault();
  const code = $('code').value;
  if (code.trim() === '') return;
  $('code').value = '';
  void run(code);
};

$('code').onkeydown = (event) => {
  if (event.key !== 'Enter' || event.isComposing) return;
  if (event.shiftKey || event.ctrlKey || event.metaKey) {
    event.preventDefault();
    $('entry').requestSubmit();
    return;
  }
  const field = event.target;
  const line = field.value.slice(0, field.selectionStart).split('\n').at(-1);
  const indent = /^\s*/.exec(line)[0] + (line.trimEnd().endsWith(':') ? '    ' : '');
  if (indent === '') return;
  event.preventDefault();
  field.setRangeText(`\n${indent}`, field.selectionStart, field.selectionEnd, 'end');
};

$('interrupt').onclick = () => kernel && api('POST', `api/kernels/${kernel.id}/interrupt`).catch(failed);

$('restart').onclick = async () => {
  if (kernel === undefined) return;
  state('wait', 'Restarting …');
  try {
    await api('POST', `api/kernels/${kernel.id}/restart`);
    restarted('The kernel was restarted. Its variables are gone.');
  } catch (error) {
    failed(error);
  }
};

$('spec').onchange = async () => {
  if (kernel === undefined) return;
  try {
    state('wait', 'Starting a kernel …');
    const session = await findSession();
    if (session === undefined) return gone('it has ended on the server');
    const { kernel: model } = await api('PATCH', `api/sessions/${session.id}`, { kernel: { name: $('spec').value } });
    attach(model);
    restarted('Another kernel was started.');
  } catch (error) {
    $('spec').value = kernel?.name ?? $('spec').value;
    failed(error);
  }
};

$('signout').onclick = async () => {
  await api('POST', 'api/signout').catch(() => {});
  location.reload();
};

try {
  const { default: first, kernelspecs } = await api('GET', 'api/kernelspecs');
  for (const { name, spec } of Object.values(kernelspecs))
    $('spec').add(new Option(spec.display_name, name, name === first, name === first));
  $('spec').disabled = false;
  const session = await findSession();
  if (session !== undefined) attach(session.kernel);
  setInterval(memory, MEMORY_EVERY);
  $('code').focus();
} catch (error) {
  failed(error);
}
