using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2;

/// <summary>Requests by their fields: RFC 9113, sections 8.2, 8.3 and 8.5, and RFC 8441. Each is a stream error of PROTOCOL_ERROR.</summary>
public sealed class MalformedRequestTests
{
    private const string Get = ":method: GET\n:scheme: https\n:authority: proxy.example\n:path: /\n";
    private const string Connect = ":method: CONNECT\n:authority: destination.example:443\n";
    private const string Extended = ":method: CONNECT\n:protocol: connect-udp\n:scheme: https\n:authority: proxy.example\n:path: /masque/a/1/\n";

    public static TheoryData<string, string> Malformed => new()
    {
        { "nothing at all", "" },
        { "no method", ":scheme: https\n:authority: a\n:path: /\n" },
        { "an empty method", ":method: \n:scheme: https\n:authority: a\n:path: /\n" },
        { "a method that is no token", ":method: GE T\n:scheme: https\n:authority: a\n:path: /\n" },
        { "no scheme", ":method: GET\n:authority: a\n:path: /\n" },
        { "no path", ":method: GET\n:scheme: https\n:authority: a\n" },
        { "an empty path", ":method: GET\n:scheme: https\n:authority: a\n:path: \n" },
        { "a path without a slash", ":method: GET\n:scheme: https\n:authority: a\n:path: x\n" },
        { "a star that is not of OPTIONS", ":method: GET\n:scheme: https\n:authority: a\n:path: *\n" },
        { "a path with a space", ":method: GET\n:scheme: https\n:authority: a\n:path: /a b\n" },
        { "a path with a fragment", ":method: GET\n:scheme: https\n:authority: a\n:path: /a#b\n" },
        { "a path with a control", ":method: GET\n:scheme: https\n:authority: a\n:path: /a\u0001\n" },
        { "a scheme that is none", ":method: GET\n:scheme: 1a\n:authority: a\n:path: /\n" },
        { "userinfo", ":method: GET\n:scheme: https\n:authority: u:p@a\n:path: /\n" },
        { "the method twice", ":method: GET\n" + Get },
        { "the scheme twice", ":scheme: https\n" + Get },
        { "the path twice", ":path: /\n" + Get },
        { "the authority twice", ":authority: proxy.example\n" + Get },
        { "an unknown pseudo-header field", Get + ":x: y\n" },
        { "a pseudo-header field of answers", ":status: 200\n" + Get },
        { "a pseudo-header field after others", ":method: GET\n:scheme: https\n:authority: a\nx: y\n:path: /\n" },
        { "an upper-case name", Get + "X-Y: z\n" },
        { "an empty name", Get + ": z\n" },
        { "a name with a space", Get + "x y: z\n" },
        { "a name with a control", Get + "x\u0000: z\n" },
        { "a name that is not ASCII", Get + "x\u00e4: z\n" },
        { "a colon in a name", Get + "x:y: z\n" },
        { "CR in a value", Get + "x: a\rb\n" },
        { "NUL in a value", Get + "x: a\0b\n" },
        { "DEL in a value", Get + "x: a\u007fb\n" },
        { "a value that begins with a space", Get + "x:  a\n" },
        { "a value that ends with a tab", Get + "x: a\t\n" },
        { "connection", Get + "connection: close\n" },
        { "proxy-connection", Get + "proxy-connection: keep-alive\n" },
        { "keep-alive", Get + "keep-alive: 5\n" },
        { "transfer-encoding", Get + "transfer-encoding: chunked\n" },
        { "upgrade", Get + "upgrade: websocket\n" },
        { "te that is not trailers", Get + "te: gzip\n" },
        { "te with more than trailers", Get + "te: trailers, gzip\n" },
        { "a content-length that is no number", Get + "content-length: -1\n" },
        { "a content-length with a plus", Get + "content-length: +1\n" },
        { "an empty content-length", Get + "content-length: \n" },
        { "content-lengths that differ", Get + "content-length: 1\ncontent-length: 2\n" },
        { "a content-length beyond all measure", Get + "content-length: 99999999999999999999\n" },
        { "a host that is not the authority", Get + "host: other.example\n" },
        { "two hosts", Get + "host: proxy.example\nhost: proxy.example\n" },
        { ":protocol on another method", ":protocol: connect-udp\n" + Get },
        { "CONNECT without an authority", ":method: CONNECT\n" },
        { "CONNECT with an empty authority", ":method: CONNECT\n:authority: \n" },
        { "CONNECT with a host alone", ":method: CONNECT\nhost: destination.example:443\n" },
        { "CONNECT with a scheme", Connect + ":scheme: https\n" },
        { "CONNECT with a path", Connect + ":path: /\n" },
        { "CONNECT with both", Connect + ":scheme: https\n:path: /\n" },
        { "CONNECT with another host", Connect + "host: other.example:443\n" },
        { "CONNECT with content", Connect + "content-length: 5\n" },
        { "CONNECT with connection", Connect + "connection: keep-alive\n" },
        { "CONNECT with proxy-connection", Connect + "proxy-connection: keep-alive\n" },
        { "CONNECT with transfer-encoding", Connect + "transfer-encoding: chunked\n" },
        { "extended CONNECT without a scheme", ":method: CONNECT\n:protocol: connect-udp\n:authority: a\n:path: /\n" },
        { "extended CONNECT without a path", ":method: CONNECT\n:protocol: connect-udp\n:authority: a\n:scheme: https\n" },
        { "extended CONNECT without an authority", ":method: CONNECT\n:protocol: connect-udp\n:path: /\n:scheme: https\n" },
        { "extended CONNECT with an empty protocol", ":method: CONNECT\n:protocol: \n:authority: a\n:path: /\n:scheme: https\n" },
        { ":protocol twice", ":protocol: connect-udp\n" + Extended },
    };

    public static TheoryData<string, string> WellFormed => new()
    {
        { "GET", Get },
        { "GET with a host alone", ":method: GET\n:scheme: https\n:path: /\nhost: proxy.example\n" },
        { "GET with the same host in other case", Get + "host: PROXY.example\n" },
        { "OPTIONS *", ":method: OPTIONS\n:scheme: https\n:authority: a\n:path: *\n" },
        { "another scheme, whose path is its own affair", ":method: GET\n:scheme: coap+tcp\n:authority: a\n:path: x\n" },
        { "te: trailers", Get + "te: trailers\n" },
        { "values with tabs and bytes above ASCII", Get + "x: a\tb\u00e4\n" },
        { "empty values", Get + "x: \n" },
        { "the same content-length twice", Get + "content-length: 0\ncontent-length: 0\n" },
        { "CONNECT", Connect },
        { "CONNECT with the same host", Connect + "host: destination.example:443\n" },
        { "CONNECT with a content-length of nothing", Connect + "content-length: 0\n" },
        { "extended CONNECT", Extended + "capsule-protocol: ?1\n" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_request_is_reset_unseen(string what, string fields)
    {
        using var peer = Peer.Started();
        Assert.True(peer.Send(new ClientBytes().Headers(1, Block(fields))), what);
        Assert.Equal(["RST_STREAM 1 ProtocolError"], peer.Sent().Select(f => f.ToString()));
        Assert.Empty(peer.Events);
        Assert.Equal(0, peer.Connection.StreamCount);
    }

    [Theory]
    [MemberData(nameof(WellFormed))]
    public void A_request_that_keeps_the_rules_is_told(string what, string fields)
    {
        using var peer = Peer.Started();
        Assert.True(peer.Send(new ClientBytes().Headers(1, Block(fields))), what);
        Assert.Empty(peer.Sent());
        Assert.Single(peer.Events);
    }

    [Fact]
    public void A_request_tells_its_parts()
    {
        using var peer = Peer.Started();
        var told = false;
        peer.OnRequest = (stream, head) =>
        {
            Assert.True(head.IsConnect && head.IsExtendedConnect && stream.IsConnect);
            Assert.Equal("connect-udp"u8, head.Protocol);
            Assert.Equal("https"u8, head.Scheme);
            Assert.Equal("proxy.example"u8, head.Authority);
            Assert.Equal("/masque/a/1/"u8, head.Path);
            Assert.Equal("Preshared x"u8, head.Value(Tunneling.Http2.Hpack.FieldName.ProxyAuthorization));
            Assert.True(head.Value(Tunneling.Http2.Hpack.FieldName.Authorization).IsEmpty);
            told = true;
        };
        peer.Send(new ClientBytes().Headers(1, Block(Extended + "proxy-authorization: Preshared x\n")));
        Assert.True(told);
    }

    [Fact]
    public void A_head_over_the_limit_is_answered_with_431_and_keeps_the_table_in_step()
    {
        using var peer = Peer.Started(new() { MaxFieldListSize = 1000 });
        var large = new BlockWriter().Literal(2, "CONNECT", 0x40).Literal(1, "a.example:443").Literal("x", new string('x', 1000)).ToArray();
        Assert.True(peer.Send(new ClientBytes().Headers(1, large)));
        var sent = peer.Sent();
        Assert.Equal(["Headers 1 5 5", "RST_STREAM 1 NoError"], sent.Select(f => f.ToString()));
        Assert.Equal([":status: 431"], FieldText.Decode(new(), sent[0].Payload));
        Assert.Empty(peer.Events);
        Assert.True(peer.Send(new ClientBytes().Headers(3, new BlockWriter().Indexed(62).Literal(1, "b.example:443").ToArray())));
        Assert.Equal(["3 CONNECT b.example:443"], peer.Events);
    }

    [Fact]
    public void Trailers_of_a_plain_request_end_it()
    {
        using var peer = Peer.Started();
        Assert.True(peer.Send(new ClientBytes().Headers(1, ClientBytes.Get()).Data(1, [1, 2]).Headers(1, new BlockWriter().Literal("x", "y").ToArray(), ends: true)));
        Assert.Equal(["1 GET proxy.example/", "1 data 0102", "1 end"], peer.Events);
    }

    private static byte[] Block(string fields)
    {
        var writer = new BlockWriter();
        foreach (var line in fields.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(": ", 1 < line.Length ? (line[0] == ':' && line[1] != ' ' ? 1 : 0) : 0, StringComparison.Ordinal);
            writer.Literal(line[..colon], line[(colon + 2)..]);
        }

        return writer.ToArray();
    }
}
