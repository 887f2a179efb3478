import createClient from 'openapi-fetch';
import type { paths } from './client';

/** Delinks with openapi-fetch and the types that openapi-typescript generates. */
export const delink = async (baseUrl: string, key: string, walletId: string, customerId: string): Promise<string> => {
  const client = createClient<paths>({ baseUrl, headers: { 'x-functions-key': key } });
  const { data, error, response } = await client.POST('/wallets/{wallet_id}', {
    params: { path: { wallet_id: walletId }, header: { 'x-routing-id': customerId } },
    body: { command: 'delink' },
  });
  if (data) return 'linked' in data ? `linked: ${data.linked}` : `${data.outcome}`;
  return typeof error === 'object' && 'code' in error ? `${response.status} ${error.code}, retryable: ${error.retryable}` : `${response.status}`;
};
