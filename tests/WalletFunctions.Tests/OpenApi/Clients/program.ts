import { delink } from './caller';

declare const process: { argv: string[] };

// The arguments: the address of a host, a customer, and pairs of a function key and a wallet.
const main = async ([, , baseUrl, customerId, ...pairs]: string[]) => {
  for (let i = 0; i < pairs.length; i += 2) {
    console.log(await delink(baseUrl, pairs[i], pairs[i + 1], customerId));
  }
};
main(process.argv);
