// Signs a webhook that is tried out, when it is sent and with the body that is sent.
const headers = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

export default {
  async onBeforeRequest({ request, requestBuilder }) {
    const route = /^\/webhooks\/(?:([^/]+)\/)?delink$/.exec(new URL(request.url).pathname);
    if (!route || request.method !== 'POST' || !document.querySelector('#sign')?.checked) {
      return;
    }

    const answer = await fetch(`/_simulator/signature/${route[1] ?? ''}`, {
      method: 'POST',
      headers: { 'webhook-id': request.headers.get('webhook-id') ?? '' },
      body: await request.clone().arrayBuffer(),
    });
    const signed = document.querySelector('#signed');
    if (!answer.ok) {
      signed.textContent = `Not signed: ${(await answer.json()).error}.`;
      return;
    }

    headers.forEach(name => requestBuilder.headers.set(name, answer.headers.get(name)));
    // The library would append its own value of webhook-signature, which is empty.
    requestBuilder.options = { ...requestBuilder.options, disableSecurity: true };
    signed.textContent = `Signed ${answer.headers.get('webhook-id')} at ${new Date().toLocaleTimeString()}.`;
  },
};
