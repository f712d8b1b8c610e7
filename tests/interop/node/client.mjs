// Cloudflare's client: reads one JSON line on standard input, writes one token (base64url) on standard output.
// { "header": a WWW-Authenticate value, "issuer": the issuer's base URL }
import './webcrypto.mjs';
import { createInterface } from 'node:readline';
import { privateVerif, publicVerif, sendTokenRequest, TOKEN_TYPES, WWWAuthenticateHeader, PRIVATE_TOKEN_ISSUER_DIRECTORY } from '@cloudflare/privacypass-ts';

const { header, issuer } = JSON.parse(await firstLine());
const [challenge] = WWWAuthenticateHeader.parse(header);
const isPrivate = challenge.challenge.tokenType === TOKEN_TYPES.VOPRF.value;
const client = isPrivate ? new privateVerif.Client() : new publicVerif.Client(publicVerif.BlindRSAMode.PSS);

const directory = await (await fetch(new URL(PRIVATE_TOKEN_ISSUER_DIRECTORY, issuer))).json();
const published = directory['token-keys'].find((key) => key['token-type'] === challenge.challenge.tokenType);
if (Buffer.from(published['token-key'], 'base64url').compare(challenge.tokenKey) !== 0) throw new Error('the key is not the one published');

const request = await client.createTokenRequest(challenge.challenge, challenge.tokenKey);
const response = await sendTokenRequest(request.serialize(), new URL(directory['issuer-request-uri'], issuer));
const token = await client.finalize(client.deserializeTokenResponse(response));
console.log(Buffer.from(token.serialize()).toString('base64url'));

async function firstLine() {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new Error('nothing on standard input');
}
