using System.Net;
using System.Net.Security;
using MsQuic;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A real QUIC connection of our own library, which has datagrams.</summary>
internal sealed class MsQuicConnection : ITransportConnection
{
    private readonly QuicConnection _connection;
    private readonly QuicConfiguration _configuration;

    private MsQuicConnection(QuicConnection connection, QuicConfiguration configuration) => (_connection, _configuration) = (connection, configuration);

    public QuicConnection Quic => _connection;

    public static async Task<MsQuicConnection> ConnectAsync(IPEndPoint server, bool datagrams = true)
    {
        var configuration = QuicConfiguration.ForClient([SslApplicationProtocol.Http3], new QuicSettings { MaxUnidirectionalStreams = 3, Datagrams = datagrams }, static (_, certificate, _, _) => certificate is not null);
        var options = new QuicClientOptions { Host = "localhost", Address = server.Address, Port = server.Port, Configuration = configuration, DefaultStreamErrorCode = 0x10c, DefaultCloseErrorCode = 0x100 };
        return new MsQuicConnection(await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(TestTimes.Limit), configuration);
    }

    public async ValueTask<ITransportStream> OpenAsync(bool bidirectional) => new Stream(await _connection.OpenStreamAsync(bidirectional));

    public async ValueTask<ITransportStream> AcceptAsync()
    {
        try
        {
            return new Stream(await _connection.AcceptStreamAsync());
        }
        catch (QuicException e)
        {
            throw new StreamAbortedException(e.ApplicationErrorCode ?? -1);
        }
    }

    public ValueTask CloseAsync(long code) => _connection.CloseAsync(code);

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _configuration.Dispose();
    }

    private sealed class Stream(QuicStream stream) : ITransportStream
    {
        public async ValueTask<int> ReadAsync(Memory<byte> buffer)
        {
            try
            {
                var result = await stream.Input.ReadAsync();
                var part = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
                System.Buffers.BuffersExtensions.CopyTo(part, buffer.Span);
                stream.Input.AdvanceTo(part.End);
                return (int)part.Length;
            }
            catch (QuicException e)
            {
                throw new StreamAbortedException(e.ApplicationErrorCode ?? -1);
            }
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            if ((await stream.Output.WriteAsync(bytes)).IsCompleted) throw new StreamAbortedException(stream.PeerErrorCode ?? -1);
        }

        public void CompleteWrites() => stream.Output.Complete();

        public void Reset(long code) => stream.Reset(code);

        public void StopSending(long code) => stream.StopSending(code);

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
