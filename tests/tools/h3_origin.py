"""A small HTTP/3 origin for the tests: GET /bytes/N answers N bytes, each 64 KiB of them SHAKE128 of its place; anything else 404."""
import argparse
import asyncio
import hashlib

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration

CHUNK = 64 * 1024
WINDOW = 4 * 1024 * 1024


class Origin(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._http = H3Connection(self._quic)

    def quic_event_received(self, event):
        for http_event in self._http.handle_event(event):
            if isinstance(http_event, HeadersReceived):
                asyncio.ensure_future(self._answer(http_event))

    async def _answer(self, request):
        path = dict(request.headers)[b":path"].decode()
        try:
            length = int(path.removeprefix("/bytes/")) if path.startswith("/bytes/") else -1
        except ValueError:
            length = -1
        status, length = (b"200", length) if length >= 0 else (b"404", 0)
        stream = request.stream_id
        self._http.send_headers(stream, [(b":status", status), (b"content-length", str(length).encode())])
        for place in range(0, length, CHUNK):
            part = hashlib.shake_128(place.to_bytes(8, "big")).digest(min(CHUNK, length - place))
            self._http.send_data(stream, part, end_stream=False)
            self.transmit()
            # aioquic buffers what is sent without bound: wait until the stream has taken it.
            while self._unsent(stream) > WINDOW:
                await asyncio.sleep(0.002)
        self._http.send_data(stream, b"", end_stream=True)
        self.transmit()

    def _unsent(self, stream):
        sender = self._quic._streams[stream].sender
        return sender._buffer_stop - sender._buffer_start


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    arguments = parser.parse_args()
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN, max_data=64 * 1024 * 1024, max_stream_data=16 * 1024 * 1024)
    configuration.load_cert_chain(arguments.certificate, arguments.key)
    server = await serve("127.0.0.1", 0, configuration=configuration, create_protocol=Origin)
    port = server._transport.get_extra_info("sockname")[1]
    print(f"ready {port}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
