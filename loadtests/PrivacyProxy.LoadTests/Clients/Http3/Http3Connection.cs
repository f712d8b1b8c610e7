using System.Collections.Concurrent;
using System.Net.Security;
using Masque;
using MsQuic;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.LoadTests.Clients.Http3;

/// <summary>A client's HTTP/3 connection: the control streams, and those of requests for whoever asks.</summary>
internal sealed class Http3Connection : IAsyncDisposable
{
    /// <summary>What IPv6 promises.</summary>
    private const int MinPacket = 1280;

    /// <summary>Headers of IPv6, UDP and QUIC, with a connection id of 20 bytes, the tag, and what goes before a payload.</summary>
    private const int PacketOverhead = 40 + 8 + 25 + 16 + 6;

    private readonly QuicConnection _quic;
    private readonly QuicConfiguration _configuration;
    private readonly TaskCompletionSource<bool> _takesDatagrams = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<long, QuicDatagramHandler> _receivers = new();
    private QuicStream? _control;

    private Http3Connection(QuicConnection quic, QuicConfiguration configuration)
    {
        (_quic, _configuration) = (quic, configuration);
        quic.DatagramHandler = Receive;
    }

    /// <summary>Of Ethernet.</summary>
    public const int MaxPacket = 1500;

    /// <summary>Wide enough that nothing but the proxy is slow.</summary>
    private static QuicSettings Settings { get; } = new()
    {
        MaxUnidirectionalStreams = 8,
        StreamWindow = 4 * 1024 * 1024,
        ConnectionWindow = 1 << 30,
        SendLimit = 4 * 1024 * 1024,
        IdleTimeout = TimeSpan.FromMinutes(5),
        KeepAlive = TimeSpan.FromSeconds(10),
        CongestionControl = QuicCongestionControl.Bbr,
    };

    /// <summary>Whether the proxy's SETTINGS say so (RFC 9297, section 2.1.1).</summary>
    public Task<bool> TakesDatagrams => _takesDatagrams.Task;

    /// <summary>
    /// The largest packet of a client whose UDP payloads are of one size: as with any client that sends packets together, a payload fills one,
    /// and no room is left that libmsquic would send it alone for.
    /// </summary>
    /// <param name="payload">Bytes of a payload.</param>
    public static int PacketOf(int payload) => Math.Clamp(payload + PacketOverhead, MinPacket, MaxPacket);

    /// <exception cref="IOException">The proxy does not answer.</exception>
    public static async Task<Http3Connection> OpenAsync(ProxyAddress proxy, bool datagrams, int packet)
    {
        // Whom we talk to is not what is measured.
        var configuration = QuicConfiguration.ForClient([SslApplicationProtocol.Http3], Settings with { Datagrams = datagrams, MaximumPacket = packet }, static (_, _, _, _) => true);
        Http3Connection? connection = null;
        try
        {
            connection = new Http3Connection(
                await QuicConnection.ConnectAsync(new QuicClientOptions
                {
                    Host = proxy.Host,
                    Port = proxy.Port,
                    Configuration = configuration,
                    DefaultStreamErrorCode = Http3Codes.RequestCancelled,
                    DefaultCloseErrorCode = Http3Codes.NoError,
                }),
                configuration);
            connection._control = await connection._quic.OpenStreamAsync(bidirectional: false);
            byte[] settings = datagrams ? [(byte)Http3Codes.H3Datagram, 1] : [];
            await connection._control.Output.WriteAsync((byte[])[(byte)Http3Codes.ControlStream, (byte)Http3Codes.SettingsFrame, (byte)settings.Length, .. settings]);
            _ = connection.AcceptAsync();
            return connection;
        }
        catch
        {
            if (connection is not null) await connection.DisposeAsync();
            else configuration.Dispose();
            throw;
        }
    }

    /// <summary>A stream for a request, once the proxy allows one more.</summary>
    public ValueTask<QuicStream> OpenAsync(CancellationToken cancellationToken) => _quic.OpenStreamAsync(bidirectional: true, cancellationToken);

    /// <summary>Sends a UDP payload so many times beside a stream, as few packets' system calls as there may be.</summary>
    public void Send(QuicDatagramBatch batch, long stream, ReadOnlySpan<byte> payload, int count)
    {
        Span<byte> start = stackalloc byte[VarInt.MaxLength + 1];
        var length = VarInt.Write(start, (ulong)stream / 4) + 1;
        if (length + payload.Length > _quic.MaxDatagramSize) return;
        // A context that nobody has registered.
        start[length - 1] = 0x3e;
        batch.SetFiller(start[..length]);
        start[length - 1] = 0;
        while (count > 0)
        {
            for (; count > 0 && batch.Count < QuicDatagramBatch.MaxCount; count--)
            {
                var span = batch.GetSpan();
                start[..length].CopyTo(span);
                payload.CopyTo(span[length..]);
                batch.Add(length + payload.Length);
            }

            _quic.Send(batch);
        }
    }

    /// <summary>Who is told of a stream's HTTP Datagrams, on libmsquic's thread.</summary>
    public void Receive(long stream, QuicDatagramHandler receiver) => _receivers[stream] = receiver;

    public void Forget(long stream) => _receivers.TryRemove(stream, out _);

    public async ValueTask DisposeAsync()
    {
        await _quic.DisposeAsync();
        if (_control is not null) await _control.DisposeAsync();
        _configuration.Dispose();
    }

    private void Receive(ReadOnlySpan<byte> datagram)
    {
        if (VarInt.TryRead(datagram, out var quarter, out var length) && _receivers.TryGetValue((long)quarter * 4, out var receiver)) receiver(datagram[length..]);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ReadAsync(await _quic.AcceptStreamAsync());
        }
        catch (IOException e)
        {
            _takesDatagrams.TrySetException(e);
            // Nobody need wait for it.
            _ = _takesDatagrams.Task.Exception;
        }
    }

    /// <summary>The control stream, whose SETTINGS are read; nothing in the others is of use.</summary>
    private async Task ReadAsync(QuicStream stream)
    {
        try
        {
            await using (stream)
            {
                while (true)
                {
                    var result = await stream.Input.ReadAsync();
                    var isKnown = _takesDatagrams.Task.IsCompleted;
                    if (!isKnown && Http3Frames.TryReadSettings(result.Buffer, out var settings))
                    {
                        if (settings is not null) _takesDatagrams.TrySetResult(settings.GetValueOrDefault(Http3Codes.H3Datagram) == 1);
                        isKnown = true;
                    }

                    stream.Input.AdvanceTo(isKnown ? result.Buffer.End : result.Buffer.Start, result.Buffer.End);
                    if (result.IsCompleted) return;
                }
            }
        }
        catch (IOException)
        {
            // The connection has ended; whoever has a tunnel sees that too.
        }
    }
}
