// Cloudflare's issuer behind HTTP on a free port: issuer.mjs TYPE, prints "ready URL", ends with standard input.
// It takes single requests and, for types 1 and 2, generic batches.
// POST /verify answers with 200 when a token (base64url, in the body) is one of its own, else with 403; for type 0xDA7A with its extensions
// (base64url) after a blank.
import './webcrypto.mjs';
import { generatePrimeSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Extensions, genericBatched, privateVerif, publicVerif, MediaType, PRIVATE_TOKEN_ISSUER_DIRECTORY, Token, TOKEN_TYPES } from '@cloudflare/privacypass-ts';

const type = Object.values(TOKEN_TYPES).find((known) => known.value === Number(process.argv[2]));
const mode = publicVerif.BlindRSAMode.PSS;
// WebCrypto of Node has no raw RSA operation; without it the library takes its own.
const noRawRsa = { supportsRSARAW: false };
const { issuer, publicKey, parseRequest, verify } = await create();
const batches = type === TOKEN_TYPES.PARTIALLY_BLIND_RSA ? null : new genericBatched.Issuer(issuer);

const server = createServer(async (request, response) => {
  try {
    await answer(request, response);
  } catch (error) {
    console.error(error);
    response.writeHead(422).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();

async function answer(request, response) {
  const mediaType = request.headers['content-type'];
  if (request.url === PRIVATE_TOKEN_ISSUER_DIRECTORY) {
    const key = { 'token-type': type.value, 'token-key': base64url(publicKey) };
    const limits = batches ? { 'batch-limits': { amortized: 0, generic: 100 } } : {};
    response.writeHead(200, { 'Content-Type': MediaType.PRIVATE_TOKEN_ISSUER_DIRECTORY });
    response.end(JSON.stringify({ 'issuer-request-uri': '/token-request', 'token-keys': [key], ...limits }));
  } else if (request.url === '/token-request' && mediaType === MediaType.PRIVATE_TOKEN_REQUEST) {
    const issued = await issuer.issue(parseRequest(await body(request)));
    response.writeHead(200, { 'Content-Type': MediaType.PRIVATE_TOKEN_RESPONSE }).end(issued.serialize());
  } else if (request.url === '/token-request' && mediaType === MediaType.GENERIC_BATCHED_TOKEN_REQUEST && batches) {
    const issued = await batches.issue(genericBatched.BatchedTokenRequest.deserialize(new Uint8Array(await body(request))));
    response.writeHead(200, { 'Content-Type': MediaType.GENERIC_BATCHED_TOKEN_RESPONSE, 'x-batch': '1' }).end(issued.serialize());
  } else if (request.url === '/verify') {
    const [token, extensions] = (await body(request)).toString().split(' ').map((text) => new Uint8Array(Buffer.from(text, 'base64url')));
    response.writeHead((await verify(Token.deserialize(type, token), extensions)) ? 200 : 403).end();
  } else {
    response.writeHead(404).end();
  }
}

async function create() {
  if (type === TOKEN_TYPES.VOPRF) {
    const keys = await privateVerif.keyGen();
    const issuer = new privateVerif.Issuer('issuer.example', keys.privateKey, keys.publicKey);
    return { issuer, publicKey: keys.publicKey, parseRequest: (bytes) => privateVerif.TokenRequest.deserialize(new Uint8Array(bytes)), verify: (token) => issuer.verify(token) };
  }

  const algorithm = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  if (type === TOKEN_TYPES.BLIND_RSA) {
    const keys = await publicVerif.Issuer.generateKey(mode, algorithm);
    const issuer = new publicVerif.Issuer(mode, 'issuer.example', keys.privateKey, keys.publicKey, noRawRsa);
    return {
      issuer,
      publicKey: await publicVerif.getPublicKeyBytes(keys.publicKey),
      parseRequest: (bytes) => publicVerif.TokenRequest.deserialize(type, new Uint8Array(bytes)),
      verify: (token) => issuer.verify(token),
    };
  }

  const keys = await publicVerif.IssuerWithMetadata.generateKey(mode, algorithm, (bits) => generatePrimeSync(bits, { safe: true, bigint: true }));
  return {
    issuer: new publicVerif.IssuerWithMetadata(mode, 'issuer.example', keys.privateKey, keys.publicKey, noRawRsa),
    publicKey: await publicVerif.getPublicKeyBytes(keys.publicKey),
    parseRequest: (bytes) => publicVerif.ExtendedTokenRequest.deserialize(new Uint8Array(bytes)),
    verify: (token, extensions) => new publicVerif.OriginWithMetadata(mode, Extensions.deserialize(extensions)).verify(token, keys.publicKey),
  };
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function base64url(bytes) {
  const text = Buffer.from(bytes).toString('base64url');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}
