// Cloudflare's client: reads one JSON line on standard input, writes tokens (base64url), one a line, on standard output.
// { "headers": WWW-Authenticate values, one for each token, "issuer": the issuer's base URL, "batch": all in one generic batch,
//   "extensions": for type 0xDA7A, base64url }
import './webcrypto.mjs';
import { createInterface } from 'node:readline';
import {
  Extensions, genericBatched, MediaType, privateVerif, publicVerif, sendTokenRequest, TOKEN_TYPES, WWWAuthenticateHeader, PRIVATE_TOKEN_ISSUER_DIRECTORY,
} from '@cloudflare/privacypass-ts';

const { headers, issuer, batch, extensions } = JSON.parse(await firstLine());
const directory = await (await fetch(new URL(PRIVATE_TOKEN_ISSUER_DIRECTORY, issuer))).json();
const url = new URL(directory['issuer-request-uri'], issuer);

const clients = [];
const requests = [];
for (const header of headers) {
  const [{ challenge, tokenKey }] = WWWAuthenticateHeader.parse(header);
  const published = directory['token-keys'].find((key) => key['token-type'] === challenge.tokenType);
  if (Buffer.from(published['token-key'], 'base64url').compare(tokenKey) !== 0) throw new Error('the key is not the one published');
  const client = createClient(challenge.tokenType);
  clients.push(client);
  requests.push(await client.createTokenRequest(challenge, tokenKey));
}

const responses = batch ? await sendBatch() : await Promise.all(clients.map(sendOne));
for (let i = 0; i < clients.length; i++) {
  const token = await clients[i].finalize(responses[i]);
  console.log(Buffer.from(token.serialize()).toString('base64url'));
}

function createClient(type) {
  const mode = publicVerif.BlindRSAMode.PSS;
  if (type === TOKEN_TYPES.VOPRF.value) return new privateVerif.Client();
  if (type === TOKEN_TYPES.BLIND_RSA.value) return new publicVerif.Client(mode);
  return new publicVerif.ClientWithMetadata(mode, Extensions.deserialize(new Uint8Array(Buffer.from(extensions, 'base64url'))));
}

async function sendOne(client, i) {
  return client.deserializeTokenResponse(await sendTokenRequest(requests[i].serialize(), url));
}

async function sendBatch() {
  const client = new genericBatched.Client();
  const body = client.createTokenRequest(requests.map((request) => new genericBatched.TokenRequest(request))).serialize();
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': MediaType.GENERIC_BATCHED_TOKEN_REQUEST, Accept: MediaType.GENERIC_BATCHED_TOKEN_RESPONSE },
    body,
  });
  if (answer.status !== 200 || answer.headers.get('content-type') !== MediaType.GENERIC_BATCHED_TOKEN_RESPONSE) throw new Error(`answered ${answer.status}`);
  const response = client.deserializeTokenResponse(new Uint8Array(await answer.arrayBuffer()));
  return response.tokenResponses.map((each) => each.tokenResponse);
}

async function firstLine() {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new Error('nothing on standard input');
}
