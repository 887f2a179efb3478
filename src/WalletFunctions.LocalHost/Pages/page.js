// The page uses the product's own routes and the simulators' controls. It keeps no state, and reads the server's state every second.

const forever = 1_000_000;
const juspayWeather = [
  ['Answers', null],
  ['Fails: 503', { status: 503 }],
  ['Delinks, then fails: 503', { status: 503, moment: 'after' }],
  ['Resets the connection', { reset: true }],
  ['Answers after 3 s', { delayMs: 3000 }],
  ['Never answers', { delayMs: -1 }],
  ['Returns garbage', { status: 200, garbageBytes: 500 }],
  ['Throttles: 429', { status: 429, headers: { 'Retry-After': '60' } }],
];
const vaultWeather = [
  ['Answers', null],
  ['Fails: 503', { status: 503 }],
];

const find = id => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function call(method, path, body, headers = {}) {
  const answer = await fetch(path, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: text ? JSON.parse(text) : null };
}

async function control(method, path, body) {
  const answer = await call(method, '/_simulator' + path, body && JSON.stringify(body));
  if (answer.status !== 200) {
    throw new Error(answer.body?.error ?? `${path} answered ${answer.status}`);
  }

  return answer.body;
}

// Calls the product as every other caller does: with the function key and the documented headers.
const delink = (path, customer, what) => showing(what, async () => {
  const answer = await call('POST', path, 'command=delink', {
    'content-type': 'application/x-www-form-urlencoded', 'x-functions-key': find('key').value, 'x-routing-id': customer,
  });
  const wait = answer.retryAfter ? `, repeat in ${answer.retryAfter} s` : '';
  showAnswer(what, `${answer.status}${wait}`, answer.status === 200 ? 'good' : 'bad', answer.body);
});

const close = (customer, merchant) => showing(`signed event customer.closed, ${customer}`, async what => {
  const sent = await control('POST', '/webhooks', { type: 'customer.closed', data: { customer_id: customer }, ...(merchant && { merchant }) });
  showAnswer(what, `${sent.status}`, sent.status < 300 ? 'good' : 'bad', sent.answer);
});

async function showing(what, act) {
  showAnswer(what, 'in progress …', '', null);
  try {
    await act(what);
  } catch (error) {
    showAnswer(what, 'no answer', 'bad', null);
    throw error;
  }
}

function showAnswer(what, status, kind, body) {
  find('answer').replaceChildren(
    element('p', {}, element('strong', { className: kind }, status), ` ${what}`),
    element('pre', {}, body ? JSON.stringify(body, null, 2) : ''));
}

function button(text, label, act, properties = {}) {
  const made = element('button', { type: 'button', ...properties }, text);
  made.setAttribute('aria-label', label);
  made.addEventListener('click', () => doing(act));
  return made;
}

// Changes an element only if its content changed, so that the focus and the scroll position survive the next read.
function replace(node, key, make) {
  const text = JSON.stringify(key);
  if (node.dataset.shows !== text) {
    const focused = node.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
    node.replaceChildren(...make());
    node.dataset.shows = text;
    if (focused) {
      [...node.querySelectorAll('button')].find(candidate => candidate.getAttribute('aria-label') === focused)?.focus();
    }
  }
}

function showWallets(wallets) {
  const customers = Map.groupBy(wallets, wallet => wallet.customerId);
  replace(find('customers'), wallets, () => [...customers].map(([customer, owned]) => {
    const merchant = owned[0].merchant;
    const actions = element('div', { className: 'actions' },
      button('Delink all', `Delink all wallets of ${customer}`, () => delink(`/customers/${customer}/delink`, customer, `POST /customers/${customer}/delink`)),
      button('Close account', `Send a signed event that closes ${customer}`, () => close(customer, merchant)));
    const list = element('ul', {}, ...owned.map(wallet => {
      const path = `/wallets/${wallet.id}`;
      const state = wallet.linked ? 'linked' : 'unlinked';
      return element('li', {},
        element('span', {}, wallet.wallet),
        element('code', {}, wallet.id),
        element('span', { className: `state ${state}` }, state),
        button('Delink', `Delink ${wallet.wallet} ${wallet.id}`, () => delink(path, customer, `POST ${path}`), { className: wallet.linked ? 'primary' : '' }));
    }));
    const heading = element('h3', {}, customer, merchant ? ` at ${merchant}` : '');
    return element('div', { className: 'customer' }, element('div', { className: 'title' }, heading, actions), list);
  }));
}

function showRequests(requests) {
  find('requests-count').textContent = `${requests.length} since the start or the last reset`;
  replace(find('requests'), requests.map(request => request.status).concat(requests.length), () => requests.map((request, index) => {
    const status = request.status ?? 'none';
    return element('tr', {},
      element('td', {}, `${index + 1}`),
      element('td', {}, element('code', {}, `${request.method} ${request.path} ${request.body}`)),
      element('td', {}, request.authorization),
      element('td', { className: status === 200 ? 'good' : 'bad' }, `${status}`));
  }).reverse());
}

// Only with --Webhooks:Intake=queue.
function showQueue(queue) {
  find('queue-section').hidden = !queue;
  if (!queue) {
    return;
  }

  find('queue-count').textContent = `${queue.waiting.length} waiting, ${queue.failed.length} given up`;
  const waiting = queue.waiting.map(({ customerId, walletId, attempt, problem, nextAttemptAt }) => {
    const seconds = Math.max(0, Math.ceil((Date.parse(nextAttemptAt) - Date.now()) / 1000));
    const when = seconds > 500 ? 'being done now' : seconds > 0 ? `next attempt in ${seconds} s` : 'next attempt now';
    return ['wait', `${walletId ?? customerId}: ${attempt} ${attempt === 1 ? 'attempt' : 'attempts'} failed${problem ? ` (${problem})` : ''}, ${when}`];
  });
  const failed = queue.failed.map(({ problem, detail }) => ['bad', `given up: ${problem}. ${detail}`]);
  const lines = [...waiting, ...failed];
  replace(find('queue'), lines, () => lines.length > 0
    ? lines.map(([kind, text]) => element('li', { className: kind }, text))
    : [element('li', { className: 'quiet' }, 'An accepted webhook waits here until its delink is done. Let Juspay fail, and close an account.')]);
}

function showLog(lines) {
  const kinds = { Information: '', Warning: 'wait' };
  replace(find('log'), lines.at(-1)?.number ?? 0, () => lines.map(line => element('li', {},
    element('span', { className: 'quiet' }, `${line.at.slice(11, 19)} `),
    element('span', { className: kinds[line.level] ?? 'bad' }, `${line.level.toLowerCase()} `),
    line.message)).reverse());
}

function showWeather(fieldset, choices, waiting) {
  const fault = waiting[0];
  const current = !fault ? 0 : choices.findIndex(([, wanted]) => wanted && Object.entries(wanted).every(([name, value]) =>
    JSON.stringify(fault[name]) === JSON.stringify(value)) && (wanted.moment ?? 'before') === fault.moment && (wanted.status ?? null) === fault.status);
  fieldset.querySelectorAll('input').forEach((input, index) => { input.checked = index === current; });
}

function makeWeather(fieldset, target, choices) {
  fieldset.append(...choices.map(([text, fault]) => {
    const input = element('input', { type: 'radio', name: target });
    input.addEventListener('change', () => doing(async () => {
      await control('DELETE', `/faults?target=${target}`);
      if (fault) {
        await control('POST', '/faults', { target, count: forever, ...fault });
      }
    }));
    return element('label', {}, input, text);
  }));
}

function show(state) {
  showWallets(state.wallets ?? []);
  showRequests(state.juspayRequests ?? []);
  showQueue(state.queue);
  showLog(state.log);
  showWeather(find('juspay-weather'), juspayWeather, state.faults.filter(fault => fault.target === 'juspay'));
  showWeather(find('vault-weather'), vaultWeather, state.faults.filter(fault => fault.target === 'keyvault'));
  const versions = state.secretVersions?.['juspay-api-key']?.length ?? 0;
  const reads = state.keyVaultReads === 1 ? 'once' : `${state.keyVaultReads} times`;
  find('versions').textContent = !state.secretVersions ? 'The vault is real: rotate the key there.'
    : `${versions} ${versions === 1 ? 'version' : 'versions'} in the vault. The vault was read ${reads}.`;
}

// Shows errors. A failed action is shown until the next action, a failed read until the next read.
const troubles = { action: null, look: null };

function showTrouble(kind, error) {
  troubles[kind] = error;
  const trouble = troubles.action ?? troubles.look;
  find('trouble').textContent = trouble && `The local host does not answer as expected: ${trouble.message}`;
  find('trouble').hidden = !trouble;
}

async function look() {
  try {
    show(await control('GET', ''));
    showTrouble('look', null);
  } catch (error) {
    showTrouble('look', error);
  }
}

async function doing(act) {
  showTrouble('action', null);
  try {
    await act();
  } catch (error) {
    showTrouble('action', error);
  }

  await look();
}

makeWeather(find('juspay-weather'), 'juspay', juspayWeather);
makeWeather(find('vault-weather'), 'keyvault', vaultWeather);
find('rotate').addEventListener('click', () => doing(() => control('POST', '/rotate-key')));
find('reset').addEventListener('click', () => doing(() => control('POST', '/reset')));
const { juspay, vault } = document.body.dataset;
find('juspay-weather').disabled = juspay === 'real';
find('vault-weather').disabled = find('rotate').disabled = vault === 'real';

look();
setInterval(() => document.hidden || look(), 1000);
