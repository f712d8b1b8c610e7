"""Opens connect-udp tunnels over HTTP/3 with aioquic and carries UDP in DATAGRAM frames (RFC 9297, RFC 9298); prints what comes back. With --http3 an HTTP/3 download runs inside the tunnel."""
import argparse
import asyncio
import ssl

from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.h3.connection import H3_ALPN, H3Connection, Setting
from aioquic.h3.events import DataReceived, DatagramReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection

PATIENCE = 20


class Datagrams(H3Connection):
    """Asks for HTTP Datagrams, without WebTransport."""

    def _get_local_settings(self):
        return {**super()._get_local_settings(), Setting.H3_DATAGRAM: 1}


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = Datagrams(self._quic)
        self._heads = asyncio.Queue()
        self.datagrams = asyncio.Queue()
        self.capsule_bytes = 0

    def quic_event_received(self, event):
        for http_event in self.http.handle_event(event):
            if isinstance(http_event, HeadersReceived):
                self._heads.put_nowait(http_event)
            elif isinstance(http_event, DatagramReceived):
                self.datagrams.put_nowait(http_event)
            elif isinstance(http_event, DataReceived):
                self.capsule_bytes += len(http_event.data)

    async def settled(self):
        # No datagram may be sent before the proxy has said that it takes them.
        while self.http.received_settings is None:
            await asyncio.sleep(0.01)

    async def tunnel(self, host, port, authorization, early=None):
        await asyncio.wait_for(self.settled(), PATIENCE)
        stream = self._quic.get_next_available_stream_id()
        self.http.send_headers(stream, [
            (b":method", b"CONNECT"), (b":protocol", b"connect-udp"), (b":scheme", b"https"), (b":authority", b"proxy.test"),
            (b":path", f"/.well-known/masque/udp/{host}/{port}/".encode()), (b"capsule-protocol", b"?1"), (b"authorization", authorization.encode())])
        if early:
            self.send(stream, early)
        self.transmit()
        head = await asyncio.wait_for(self._heads.get(), PATIENCE)
        return stream, dict(head.headers)[b":status"].decode()

    def send(self, stream, payload):
        # Context 0.
        self.http.send_datagram(stream, b"\0" + payload)
        self.transmit()

    async def receive(self):
        event = await asyncio.wait_for(self.datagrams.get(), PATIENCE)
        # A context that nobody has registered fills a packet.
        while event.data[:1] != b"\0":
            event = await asyncio.wait_for(self.datagrams.get(), PATIENCE)
        return event.data[1:]


async def download(client, stream, path):
    """An HTTP/3 GET whose packets are the tunnel's datagrams."""
    loop = asyncio.get_running_loop()
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE, server_name="localhost")
    inner = QuicConnection(configuration=configuration)
    inner.connect(("127.0.0.1", 443), now=loop.time())
    http, request, body, ended = H3Connection(inner), None, b"", False
    while not ended:
        for data, _ in inner.datagrams_to_send(now=loop.time()):
            client.send(stream, data)
        timer = inner.get_timer()
        try:
            event = await asyncio.wait_for(client.datagrams.get(), min(PATIENCE, max(0, timer - loop.time())) if timer else PATIENCE)
            if event.data[:1] == b"\0":
                inner.receive_datagram(event.data[1:], ("127.0.0.1", 443), now=loop.time())
        except asyncio.TimeoutError:
            inner.handle_timer(now=loop.time())
        while (event := inner.next_event()) is not None:
            for http_event in http.handle_event(event):
                if isinstance(http_event, DataReceived):
                    body += http_event.data
                ended = ended or getattr(http_event, "stream_ended", False)
        if request is None and inner._handshake_complete:
            request = inner.get_next_available_stream_id()
            http.send_headers(request, [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", path.encode())], end_stream=True)
    return len(body)


async def run(arguments):
    # Whose certificate it is matters nothing here. Packets that have room for those of QUIC inside, which are 1,200 bytes.
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_NONE, max_datagram_frame_size=65536, max_datagram_size=1400)
    async with connect("127.0.0.1", arguments.port, configuration=configuration, create_protocol=Client) as client:
        stream, status = await client.tunnel("127.0.0.1", arguments.target, arguments.authorization, early=b"early" if not arguments.http3 else None)
        result = []
        if status == "200" and arguments.http3:
            result.append(str(await download(client, stream, arguments.http3)))
        elif status == "200":
            result.append((await client.receive()).decode())
            for size in (0, 1, 1000):
                client.send(stream, b"x" * size)
                result.append(str(len(await client.receive())))
        print(f"{status} {dict(client.http.received_settings or {})} {' '.join(result)} capsules:{client.capsule_bytes}", flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--target", type=int, required=True)
parser.add_argument("--authorization", required=True)
parser.add_argument("--http3", help="the path to download over HTTP/3 inside the tunnel")
asyncio.run(run(parser.parse_args()))
