// Fetches a page with undici: fetch.mjs PROXY_URL CA_FILE URL
import { readFileSync } from 'node:fs';
import { ProxyAgent, request } from 'undici';

const [proxy, ca, url] = process.argv.slice(2);
const agent = new ProxyAgent({ uri: proxy, requestTls: { ca: readFileSync(ca) } });
const answer = await request(url, { dispatcher: agent });
const text = await answer.body.text();
if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
process.stdout.write(text);
await agent.close();
