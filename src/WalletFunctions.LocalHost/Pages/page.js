// The page uses the product's own routes and the simulators' controls. It reads the server's state every second, and keeps only the last answer.

import { button, element, fields, path, pretty, update } from './elements.js';

const forever = 1_000_000;
const shownRequests = 100;
const juspayFaults = [
  ['Answers', null],
  ['Fails: 503', { status: 503 }],
  ['Delinks, then fails: 503', { status: 503, moment: 'after' }],
  ['Resets the connection', { reset: true }],
  ['Answers after 3 s', { delayMs: 3000 }],
  ['Never answers', { delayMs: -1 }],
  ['Returns garbage', { status: 200, garbageBytes: 500 }],
  ['Throttles: 429', { status: 429, headers: { 'Retry-After': '60' } }],
];
const vaultFaults = [
  ['Answers', null],
  ['Fails: 503', { status: 503 }],
];
// Fields that the log shows only on demand.
const onDemand = /^(v|at|version|outcome|.*_hash|hash_key|routing_id|.*_version|.*_id)$/;

const find = id => document.getElementById(id);
const { juspay: realJuspay, vault: realVault } = document.body.dataset;
const callers = JSON.parse(document.body.dataset.callers);

async function call(method, url, body, headers = {}, signal) {
  const answer = await fetch(url, { method, headers, body, signal });
  const text = await answer.text();
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text, body: /json/.test(answer.headers.get('content-type')) ? JSON.parse(text) : null };
}

async function control(method, url, body, signal) {
  const answer = await call(method, '/_simulator' + url, body && JSON.stringify(body), {}, signal);
  if (answer.status !== 200) {
    throw new Error(answer.body?.error ?? `${method} /_simulator${url} answered ${answer.status}`);
  }

  return answer.body;
}

// A call's answer is shown until the next call. What fails is shown in its place, until the next action.
let lastCall = 0;

async function doing(what, act, isCall = true) {
  const action = isCall ? ++lastCall : lastCall;
  if (isCall) {
    showAnswer('in progress …', 'quiet', what);
  } else if (find('answer').querySelector('.failed')) {
    showAnswer();
  }

  try {
    const [status, kind, body, note] = await act() ?? [];
    if (status && action === lastCall) {
      showAnswer(status, kind, what, body, note);
    }
  } catch (error) {
    if (action === lastCall) {
      showAnswer('no answer', 'bad failed', what, null, error instanceof TypeError ? `The local host cannot be reached (${error.message}).` : error.message);
    }
  }

  await look();
}

function showAnswer(status, kind, what, body, note) {
  find('answer').replaceChildren(...status ? [
    element('p', {}, element('strong', { className: kind }, status), ' ', path(what)),
    ...note ? [element('p', { className: 'wait' }, note)] : [],
    ...body ? [element('pre', {}, typeof body === 'string' ? body : pretty(body))] : [],
  ] : [element('p', { className: 'quiet' }, 'The status and the body that the caller gets appear here.')]);
}

const good = status => (status >= 200 && status < 300 ? 'good' : 'bad');
const account = merchant => merchant ?? 'the top-level settings';

// Calls the product as every other caller does: with a function key and the documented headers.
const delink = (url, customer, caller, note) => doing(`POST ${url}`, async () => {
  const answer = await call('POST', url, 'command=delink', {
    'content-type': 'application/x-www-form-urlencoded', 'x-functions-key': caller?.key ?? '', 'x-routing-id': customer,
  });
  const wait = answer.retryAfter ? `, repeat in ${answer.retryAfter} s` : '';
  const unauthorized = answer.status === 401 ? 'The function key is missing or not valid.' : null;
  return [`${answer.status}${wait}`, good(answer.status), answer.body ?? answer.text, answer.status === 200 ? null : note ?? unauthorized];
});

const close = (customer, merchant) => doing(`signed event customer.closed of ${customer}`, async () => {
  const sent = await control('POST', '/webhooks', { type: 'customer.closed', data: { customer_id: customer }, ...(merchant && { merchant }) });
  return [`${sent.status}`, good(sent.status), sent.answer];
});

// The merchant's own function key; without one, any key, and a note that says why Juspay does not know the wallet.
function callerFor(merchant) {
  const own = callers.find(caller => caller.merchant === merchant);
  const other = callers[0];
  return own ? [own] : [other, `This wallet is in the account of ${account(merchant)}, for which no function key acts. `
    + (other ? `The call used the key "${other.name}" of ${account(other.merchant)}, where Juspay does not know the wallet.` : 'The call had no function key.')];
}

function showWallets(wallets) {
  const customers = [...Map.groupBy(wallets, wallet => wallet.customerId)];
  update(find('customers'), customers, ([customer, owned]) => {
    const { merchant } = owned[0];
    const [caller, note] = callerFor(merchant);
    const heading = element('h3', {}, customer, element('small', {}, `${merchant ? `at ${merchant}, ` : ''}${note ? 'without a function key' : `function key "${caller?.name}"`}`));
    const actions = element('div', { className: 'actions' },
      button('Delink all', `Delink all wallets of ${customer}`, () => delink(`/customers/${customer}/delink`, customer, caller, note)),
      ...realVault ? [] : [button('Close account', `Close account of ${customer}, with a signed event`, () => close(customer, merchant))]);
    return element('div', { className: 'customer' }, heading, actions, element('ul', {}, ...owned.map(({ id, wallet, linked }) => element('li', {},
      element('span', {}, wallet, ' ', element('code', {}, id)),
      element('span', { className: `state ${linked ? 'linked' : 'unlinked'}` }, linked ? 'linked' : 'unlinked'),
      button('Delink', `Delink ${wallet} ${id}`, () => delink(`/wallets/${id}`, customer, caller, note), linked ? 'primary' : '')))));
  });
}

function showRequests(requests) {
  find('requests-count').textContent = requests.length > shownRequests ? `the last ${shownRequests} of ${requests.length}` : `${requests.length} since the start or the last reset`;
  const numbered = requests.map((request, index) => [index + 1, request]).slice(-shownRequests).reverse();
  update(find('requests'), numbered, ([number, request]) => element('tr', {},
    element('td', { className: 'quiet' }, `${number}`),
    element('td', {}, element('details', {},
      element('summary', {}, path(`${request.method} ${request.path}`), element('span', { className: 'quiet' }, 'headers')),
      fields([['authorization', request.authorization], ...Object.entries(request.headers)])),
      element('p', { className: 'quiet' }, ...request.body ? [element('code', {}, request.body), ' '] : [], `with ${request.authorization}`)),
    element('td', { className: good(request.status) }, element('strong', {}, `${request.status ?? 'none'}`))),
  'Each request that your app sends to Juspay appears here with its answer, retries included.');
}

// Only with --Webhooks:Intake=queue.
function showQueue({ waiting, failed }) {
  find('queue-count').textContent = `${waiting.length} waiting, ${failed.length} given up`;
  const rows = [...waiting.map(delink => [delink, false]), ...failed.map(delink => [delink, true])];
  update(find('queue'), rows, ([{ merchant, customerId, walletId, attempt, problem, detail, nextAttemptInS }, isGivenUp]) => {
    const what = walletId ? element('code', {}, walletId) : element('span', {}, 'all of ', element('code', {}, customerId ?? 'an unreadable message'));
    const last = attempt === 0 && !problem ? 'none yet' : element('span', {}, `attempt ${attempt} failed: `, element('code', { className: 'bad' }, problem), detail ? `. ${detail}` : '');
    const next = isGivenUp ? 'given up, in delink-events-failed' : nextAttemptInS === null ? `attempt ${attempt + 1} runs`
      : nextAttemptInS === 0 ? `attempt ${attempt + 1} now` : `attempt ${attempt + 1} in ${nextAttemptInS} s`;
    return element('tr', {},
      element('td', {}, what, merchant ? ` at ${merchant}` : ''),
      element('td', {}, last),
      element('td', { className: isGivenUp ? 'bad' : 'wait' }, next));
  }, 'An accepted webhook waits here until its delink is done. Let Juspay fail, and close an account.');
}

// The page splits a line of the form "event name=value …: sentence". It shows the outcome and some fields, and the other fields on demand. It shows other lines unchanged.
const eventLine = /^(?<event>[a-z]+(_[a-z]+)+)(?<words>( \w+=\S*?)+)(: (?<sentence>.+))?$/s;

function showLog(lines) {
  update(find('log'), lines.toReversed(), ({ at, level, message }) => {
    const time = element('time', {}, at.slice(11, 19));
    const { event, words, sentence } = eventLine.exec(message)?.groups ?? {};
    const pairs = words?.trim().split(' ').map(word => word.split(/=(.*)/s, 2)) ?? [];
    const { outcome, status } = Object.fromEntries(pairs);
    const kind = level === 'Warning' ? 'wait' : level !== 'Information' || status >= 400 ? 'bad' : outcome ? 'good' : '';
    if (!event) {
      return element('li', {}, element('p', { className: 'line' }, time, element('span', { className: kind }, message)));
    }

    const chips = pairs.filter(([name, value]) => !onDemand.test(name) && value !== '-' && value !== 'False');
    return element('li', {}, element('details', {},
      element('summary', { className: 'line' },
        time,
        element('strong', { className: kind }, (outcome ?? event).replaceAll('_', ' ')),
        element('span', { className: 'chips' },
          ...chips.map(([name, value]) => element('span', {}, element('span', { className: 'quiet' }, `${name} `), value)), sentence ?? '')),
      fields([['event', event], ...pairs])));
  }, 'Each delink writes one line here: its outcome, who called, for which wallet, and how long it took.');
}

function showFaults(fieldset, choices, waiting) {
  const fault = waiting[0];
  const current = !fault ? 0 : choices.findIndex(([, wanted]) => wanted && Object.entries(wanted).every(([name, value]) =>
    JSON.stringify(fault[name]) === JSON.stringify(value)) && (wanted.moment ?? 'before') === fault.moment && (wanted.status ?? null) === fault.status);
  fieldset.querySelectorAll('input').forEach((input, index) => { input.checked = index === current; });
}

function makeFaults(fieldset, target, choices) {
  fieldset.append(element('div', { className: 'choices' }, ...choices.map(([text, fault]) => {
    const input = element('input', { type: 'radio', name: target });
    input.addEventListener('change', () => doing(`${fieldset.querySelector('legend').textContent}: ${text}`, async () => {
      await control('DELETE', `/faults?target=${target}`);
      if (fault) {
        await control('POST', '/faults', { target, count: forever, ...fault });
      }
    }, false));
    return element('label', {}, input, text);
  })));
}

function show(state) {
  find('notes').hidden = state.notes.length === 0;
  update(find('notes'), state.notes, note => element('li', { className: 'notice wait' }, note), '');
  showWallets(state.wallets ?? []);
  showRequests(state.juspayRequests ?? []);
  find('queue-section').hidden = !state.queue;
  if (state.queue) {
    showQueue(state.queue);
  }

  showLog(state.log);
  showFaults(find('juspay-faults'), juspayFaults, state.faults.filter(fault => fault.target === 'juspay'));
  showFaults(find('vault-faults'), vaultFaults, state.faults.filter(fault => fault.target === 'keyvault'));
  const versions = state.secretVersions?.['juspay-api-key']?.length ?? 0;
  const reads = state.keyVaultReads === 1 ? 'once' : `${state.keyVaultReads} times`;
  find('versions').textContent = `${versions} ${versions === 1 ? 'version' : 'versions'} in the vault, which was read ${reads}.`;
}

// While the host is stopped, the page says so. If it comes back with other settings, the page is loaded again.
const page = async () => (await call('GET', '/')).text;
const pageAtStart = page();

async function look() {
  let state;
  try {
    state = await control('GET', '', undefined, AbortSignal.timeout(5000));
    if (!find('stopped').hidden && await page() !== await pageAtStart) {
      location.reload();
      return;
    }
  } catch (error) {
    // Only once, because a screen reader reads each change.
    if (find('stopped').hidden) {
      find('stopped').hidden = false;
      find('stopped').textContent = `The local host does not answer (${error.message}). This page asks again every second and continues when the host is back. `
        + 'To start it: dotnet run --project src/WalletFunctions.LocalHost';
    }

    return;
  }

  find('stopped').hidden = true;
  show(state);
}

const service = (name, address) => [`${name} is `, element('strong', { className: address ? 'wait' : '' }, address ? 'real' : 'simulated'), address ? `, at ${address}. ` : '. '];
find('services').append(...service('Juspay', realJuspay), ...service('Key Vault', realVault));
find('wallets-section').hidden = find('requests-section').hidden = find('failures-section').hidden = Boolean(realJuspay);
find('vault-faults').hidden = find('api-key').hidden = Boolean(realVault);
find('real-section').hidden = !realJuspay;
document.body.classList.toggle('real', Boolean(realJuspay));
makeFaults(find('juspay-faults'), 'juspay', juspayFaults);
makeFaults(find('vault-faults'), 'keyvault', vaultFaults);
find('rotate').addEventListener('click', () => doing('rotate the Juspay API key', async () => { await control('POST', '/rotate-key'); }, false));
find('reset').addEventListener('click', () => doing('reset everything', async () => {
  await control('POST', '/reset');
  lastCall++;
  showAnswer();
}, false));

find('key').append(...callers.map(({ name }, index) => element('option', { value: index }, name)));
const fromForm = (names, urlOf) => () => {
  const [wallet, customer] = ['wallet', 'customer'].map(name => encodeURIComponent(find(name).value.trim()));
  if (names.every(name => find(name).reportValidity())) {
    delink(urlOf(wallet, customer), find('customer').value.trim(), callers[find('key').value]);
  }
};
find('delink-wallet').addEventListener('click', fromForm(['wallet', 'customer'], wallet => `/wallets/${wallet}`));
find('delink-customer').addEventListener('click', fromForm(['customer'], (_, customer) => `/customers/${customer}/delink`));

showAnswer();
for (;;) {
  if (!document.hidden) {
    await look();
  }

  await new Promise(resolve => setTimeout(resolve, 1000));
}
