import { delinkWallet } from './client';
import { createClient } from './client/client';

/** Delinks with the client that hey-api generates. */
export const delink = async (baseUrl: string, key: string, walletId: string, customerId: string): Promise<string> => {
  // The option `auth` would also send the key in the URL, because the document allows both.
  const client = createClient({ baseUrl, headers: { 'x-functions-key': key } });
  const { data, error, response } = await delinkWallet({
    client,
    path: { wallet_id: walletId },
    headers: { 'x-routing-id': customerId },
    body: { command: 'delink' },
  });
  if (data) return 'linked' in data ? `linked: ${data.linked}` : `${data.outcome}`;
  return typeof error === 'object' && 'code' in error ? `${response?.status} ${error.code}, retryable: ${error.retryable}` : `${response?.status}`;
};
