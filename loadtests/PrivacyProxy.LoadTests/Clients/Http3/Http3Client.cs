using System.Diagnostics;
using System.Net.Sockets;
using MsQuic;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.LoadTests.Clients.Http3;

/// <summary>HTTP/3 on libmsquic: CONNECT, which every proxy knows, and connect-udp.</summary>
internal sealed class Http3Client : ITunnelClient
{
    private readonly ProxyAddress _proxy;
    private readonly bool _datagrams;
    private readonly int _packet;
    private readonly Lazy<Task<Http3Connection>>[] _connections;
    private int _next;

    /// <param name="proxy">Where.</param>
    /// <param name="connections">How many are open.</param>
    /// <param name="datagrams">Whether they take QUIC datagrams: a proxy sends UDP in capsules otherwise.</param>
    /// <param name="packet">Bytes of the largest packet that they send.</param>
    /// <exception cref="IOException">There is no QUIC here.</exception>
    public Http3Client(ProxyAddress proxy, int connections, bool datagrams = false, int packet = Http3Connection.MaxPacket)
    {
        if (!QuicLibrary.IsSupported) throw new IOException($"HTTP/3: {QuicLibrary.Problem}");
        (_proxy, _datagrams, _packet) = (proxy, datagrams, packet);
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Lazy<Task<Http3Connection>>(ConnectAsync))];
    }

    public async ValueTask<ClientTunnel> OpenAsync(string target, string? credential, CancellationToken cancellationToken)
    {
        var connection = await TakeAsync();
        return await AskAsync(connection, [new(":method", "CONNECT"), new(":authority", target)], credential, cancellationToken);
    }

    /// <summary>Asks for a tunnel of connect-udp.</summary>
    /// <param name="path">The place of the target (RFC 9298, section 3).</param>
    /// <param name="credential">The value of Proxy-Authorization; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">As <see cref="OpenAsync"/>.</exception>
    public async ValueTask<Http3Tunnel> OpenUdpAsync(string path, string? credential, CancellationToken cancellationToken)
    {
        var connection = await TakeAsync();
        if (_datagrams && !await connection.TakesDatagrams.WaitAsync(cancellationToken)) throw new IOException("The proxy takes no datagrams.");
        KeyValuePair<string, string>[] fields =
        [
            new(":method", "CONNECT"), new(":protocol", "connect-udp"), new(":scheme", "https"),
            new(":authority", $"{_proxy.Host}:{_proxy.Port}"), new(":path", path), new("capsule-protocol", "?1"),
        ];
        return await AskAsync(connection, fields, credential, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Where(static connection => connection.IsValueCreated))
        {
            try
            {
                await (await connection.Value).DisposeAsync();
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // It never was; whoever wanted it knows.
            }
        }
    }

    private static async ValueTask<Http3Tunnel> AskAsync(Http3Connection connection, KeyValuePair<string, string>[] fields, string? credential, CancellationToken cancellationToken)
    {
        if (credential is not null) fields = [.. fields, new("proxy-authorization", credential)];
        var stream = await connection.OpenAsync(cancellationToken);
        var askedAt = Stopwatch.GetTimestamp();
        var input = new Http3Input(stream.Input);
        try
        {
            Http3Frames.Write(stream.Output, Http3Codes.HeadersFrame, RequestHeads.Write(fields));
            await stream.Output.FlushAsync(cancellationToken);
            if (!RequestHeads.TryReadAnswer(await input.ReadHeadAsync(cancellationToken), out var status, out _)) throw new IOException("The proxy's answer cannot be read.");
            if (status != 200) throw new IOException($"The proxy answered {status}.");
            return new Http3Tunnel(connection, stream, input, askedAt, Stopwatch.GetTimestamp());
        }
        catch
        {
            stream.Abort(Http3Codes.RequestCancelled);
            await stream.DisposeAsync();
            throw;
        }
    }

    private Task<Http3Connection> TakeAsync() => _connections[(int)((uint)Interlocked.Increment(ref _next) % _connections.Length)].Value;

    private Task<Http3Connection> ConnectAsync() => Http3Connection.OpenAsync(_proxy, _datagrams, _packet);
}
