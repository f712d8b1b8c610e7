"""Fetches a URL by HTTP/3 through the UDP ASSOCIATE of a SOCKS5 proxy; prints status, length and SHA-256 of the body."""
import argparse
import asyncio
import hashlib
import ipaddress
import struct
from urllib.parse import urlsplit

from aioquic.asyncio import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._http = H3Connection(self._quic)
        self._hash = hashlib.sha256()
        self._status = None
        self._length = 0
        self.answer = asyncio.get_running_loop().create_future()

    def get(self, authority, path):
        stream = self._quic.get_next_available_stream_id()
        fields = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", authority.encode()), (b":path", path.encode())]
        self._http.send_headers(stream, fields, end_stream=True)
        self.transmit()

    def quic_event_received(self, event):
        for http_event in self._http.handle_event(event):
            if isinstance(http_event, HeadersReceived):
                self._status = dict(http_event.headers)[b":status"].decode()
            elif isinstance(http_event, DataReceived):
                self._hash.update(http_event.data)
                self._length += len(http_event.data)
            if http_event.stream_ended and not self.answer.done():
                self.answer.set_result(f"{self._status} {self._length} {self._hash.hexdigest().upper()}")


class Association(asyncio.DatagramProtocol):
    """Puts the header of RFC 1928, section 7, on datagrams to one destination, and takes it off those from there."""

    def __init__(self, destination):
        address = ipaddress.ip_address(destination[0])
        self._destination = destination
        self._header = bytes([0, 0, 0, 1 if address.version == 4 else 4]) + address.packed + struct.pack("!H", destination[1])
        self.client = None

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, sender):
        if data.startswith(self._header):
            self.client.datagram_received(data[len(self._header):], self._destination)

    # What the client needs of a transport.
    def sendto(self, data, destination=None):
        self._transport.sendto(self._header + data)

    def close(self):
        self._transport.close()


async def associate(proxy):
    reader, writer = await asyncio.open_connection(*proxy)
    writer.write(b"\x05\x01\x00")
    assert await reader.readexactly(2) == b"\x05\x00"
    writer.write(b"\x05\x03\x00\x01" + bytes(6))
    reply = await reader.readexactly(10)
    assert reply[:4] == b"\x05\x00\x00\x01", reply
    return writer, (str(ipaddress.ip_address(reply[4:8])), struct.unpack("!H", reply[8:])[0])


async def main(arguments):
    url = urlsplit(arguments.url)
    host, port = arguments.proxy.rsplit(":", 1)
    control, relay = await associate((host, int(port)))
    destination = (url.hostname, url.port)
    loop = asyncio.get_running_loop()
    _, association = await loop.create_datagram_endpoint(lambda: Association(destination), remote_addr=relay)
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=url.hostname)
    configuration.load_verify_locations(arguments.cacert)
    client = association.client = Client(QuicConnection(configuration=configuration))
    client.connection_made(association)
    client.connect(destination)
    await client.wait_connected()
    client.get(url.netloc, url.path)
    print(await client.answer)
    client.close()
    control.close()


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--proxy", required=True, help="HOST:PORT of the SOCKS5 proxy")
parser.add_argument("--cacert", required=True, help="PEM of the authority of the site")
parser.add_argument("url", help="https://ADDRESS:PORT/PATH")
asyncio.run(asyncio.wait_for(main(parser.parse_args()), 80))
