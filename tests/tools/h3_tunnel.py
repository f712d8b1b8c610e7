"""Opens a CONNECT tunnel over HTTP/3 with aioquic, sends a text and prints status, settings and what comes back; --self-test does so against an echo of its own."""
import argparse
import asyncio
import ssl

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration

TEXT = b"ping"
PATIENCE = 20


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self._events = asyncio.Queue()

    def quic_event_received(self, event):
        for http_event in self.http.handle_event(event):
            self._events.put_nowait(http_event)

    async def tunnel(self, authority, authorization):
        stream = self._quic.get_next_available_stream_id()
        fields = [(b":method", b"CONNECT"), (b":authority", authority.encode())]
        if authorization:
            fields.append((b"proxy-authorization", authorization.encode()))
        self.http.send_headers(stream, fields)
        self.transmit()
        head = await self._next(HeadersReceived)
        status = dict(head.headers)[b":status"].decode()
        received = b""
        if status == "200":
            self.http.send_data(stream, TEXT, end_stream=False)
            self.transmit()
            while len(received) < len(TEXT):
                received += (await self._next(DataReceived)).data
        return status, dict(self.http.received_settings or {}), received.decode()

    async def _next(self, kind):
        while not isinstance(event := await asyncio.wait_for(self._events.get(), PATIENCE), kind):
            pass
        return event


class Echo(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._http = H3Connection(self._quic)

    def quic_event_received(self, event):
        for http_event in self._http.handle_event(event):
            if isinstance(http_event, HeadersReceived):
                self._http.send_headers(http_event.stream_id, [(b":status", b"200")])
            elif isinstance(http_event, DataReceived):
                self._http.send_data(http_event.stream_id, http_event.data, end_stream=False)
        self.transmit()


async def run(port, authority, authorization):
    # Whose certificate it is matters nothing here.
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE)
    async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Client) as client:
        status, settings, received = await client.tunnel(authority, authorization)
        print(f"{status} {settings} {received}", flush=True)


async def self_test(certificate, key):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain(certificate, key)
    server = await serve("127.0.0.1", 0, configuration=configuration, create_protocol=Echo)
    await run(server._transport.get_extra_info("sockname")[1], "origin.test:443", None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--authority")
    parser.add_argument("--authorization")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    arguments = parser.parse_args()
    if arguments.self_test:
        asyncio.run(self_test(arguments.certificate, arguments.key))
    else:
        asyncio.run(run(arguments.port, arguments.authority, arguments.authorization))


main()
