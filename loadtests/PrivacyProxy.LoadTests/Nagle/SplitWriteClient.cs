using System.Net;
using System.Net.Sockets;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.LoadTests.Nagle;

/// <summary>The client not to write: asks memcached for one key at a time over a blocking socket, by a given <see cref="WritePattern"/>.</summary>
internal sealed class SplitWriteClient : IDisposable
{
    private static ReadOnlySpan<byte> Verb => "get pp:"u8;

    private static ReadOnlySpan<byte> End => "\r\n"u8;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _writes;
    private readonly byte[] _command = new byte[Verb.Length + SpentTokenKey.TextLength + End.Length];
    private readonly byte[] _reply = new byte[256];

    public SplitWriteClient(IPEndPoint server, WritePattern pattern)
    {
        _writes = pattern.Writes;
        _socket.NoDelay = pattern.NoDelay;
        _socket.ReceiveTimeout = 5_000;
        _socket.Connect(server);
        Verb.CopyTo(_command);
        End.CopyTo(_command.AsSpan(^End.Length));
    }

    /// <summary>One look-up of a key that is not there.</summary>
    /// <exception cref="IOException">Something else than a miss was answered.</exception>
    public void Check(SpentTokenKey key)
    {
        key.WriteText(_command.AsSpan(Verb.Length, SpentTokenKey.TextLength));
        if (_writes == 1)
        {
            _socket.Send(_command);
        }
        else
        {
            _socket.Send(_command.AsSpan(0, Verb.Length));
            _socket.Send(_command.AsSpan(Verb.Length, SpentTokenKey.TextLength));
            _socket.Send(_command.AsSpan(^End.Length));
        }

        var length = 0;
        do
        {
            var received = _socket.Receive(_reply.AsSpan(length));
            if (received == 0) throw new IOException("memcached closed the connection.");
            length += received;
        }
        while (length < "END\r\n"u8.Length);
        if (!_reply.AsSpan(0, length).SequenceEqual("END\r\n"u8)) throw new IOException("memcached answered something else than a miss.");
    }

    public void Dispose() => _socket.Dispose();
}
