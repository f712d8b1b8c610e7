using System.Buffers;
using Masque;
using Masque.Udp;

namespace PrivacyProxy.Testing.Listeners.Templated;

/// <summary>A client of a templated tunnel: its request, then capsules both ways.</summary>
internal sealed class TemplatedClient(TestClient client) : IAsyncDisposable
{
    private const int OddSize = 50_021;

    private readonly byte[] _received = new byte[256 * 1024];
    private int _length;

    /// <summary>What the capsules travel in.</summary>
    public TestClient Stream => client;

    public static async Task<TemplatedClient> ConnectAsync(ProxyFixture proxy, TestWay way) => new(await TestClient.ConnectAsync(proxy, way));

    /// <summary>The path of a destination on the default template.</summary>
    public static string Path(string protocol, string host, int port) => $"/.well-known/masque/{protocol["connect-".Length..]}/{host}/{port}/";

    public Task SendRequestAsync(string protocol, string path, params (string Name, string Value)[] fields) =>
        client.SendTemplatedAsync(protocol, path, [("proxy-authorization", TestClient.GoodCredentials), ("capsule-protocol", "?1"), .. fields]);

    public Task<TestAnswer> ReadAnswerAsync() => client.ReadAnswerAsync();

    public async Task<TestAnswer> RequestAsync(string protocol, string path, params (string Name, string Value)[] fields)
    {
        await SendRequestAsync(protocol, path, fields);
        return await ReadAnswerAsync();
    }

    /// <summary>Opens a tunnel to a port of loopback.</summary>
    public async Task<TestAnswer> OpenAsync(string protocol, int port)
    {
        var answer = await RequestAsync(protocol, Path(protocol, "target.test", port));
        Assert.Equal(client is Http1TestClient ? 101 : 200, answer.Status);
        return answer;
    }

    public Task SendDatagramAsync(ReadOnlySpan<byte> payload)
    {
        var capsule = new byte[UdpDatagram.MaxHeaderLength + payload.Length];
        var header = UdpDatagram.WriteHeader(capsule, payload.Length);
        payload.CopyTo(capsule.AsSpan(header));
        return client.WriteAsync(capsule.AsMemory(0, header + payload.Length));
    }

    public async Task<byte[]> ReadDatagramAsync()
    {
        var (type, value) = await ReadCapsuleAsync() ?? throw new EndOfStreamException();
        Assert.Equal(CapsuleType.Datagram, type);
        Assert.Equal(UdpDatagramKind.Payload, UdpDatagram.Read(new ReadOnlySequence<byte>(value), out var payload));
        return payload.ToArray();
    }

    /// <summary>In one write: the proxy may cut the connection after its header.</summary>
    public Task SendCapsuleAsync(ulong type, ReadOnlyMemory<byte> value)
    {
        var capsule = new byte[CapsuleWriter.MaxHeaderLength + value.Length];
        var header = CapsuleWriter.WriteHeader(capsule, type, (ulong)value.Length);
        value.CopyTo(capsule.AsMemory(header));
        return client.WriteAsync(capsule.AsMemory(0, header + value.Length));
    }

    /// <summary>In DATA capsules of an odd size, so that they lie across every buffer's edge.</summary>
    public async Task SendDataAsync(ReadOnlyMemory<byte> bytes)
    {
        foreach (var chunk in Enumerable.Range(0, (bytes.Length + OddSize - 1) / OddSize))
            await SendCapsuleAsync(CapsuleType.Data, bytes[(chunk * OddSize)..Math.Min((chunk + 1) * OddSize, bytes.Length)]);
    }

    /// <summary>FIN.</summary>
    public Task EndDataAsync() => SendCapsuleAsync(CapsuleType.FinalData, default);

    /// <summary>The bytes of DATA capsules up to FINAL_DATA.</summary>
    public async Task<byte[]> ReadDataToEndAsync()
    {
        using var bytes = new MemoryStream();
        while (true)
        {
            var (type, value) = await ReadCapsuleAsync() ?? throw new EndOfStreamException("The stream ended without FINAL_DATA.");
            Assert.Contains(type, new[] { CapsuleType.Data, CapsuleType.FinalData });
            bytes.Write(value);
            if (type == CapsuleType.FinalData) return bytes.ToArray();
        }
    }

    /// <summary>The next capsule; null at the end of the stream.</summary>
    public async Task<(ulong Type, byte[] Value)?> ReadCapsuleAsync()
    {
        while (true)
        {
            if (TakeCapsule() is { } capsule) return capsule;
            var count = await client.ReadAsync(_received.AsMemory(_length)).WaitAsync(TestTimes.Limit);
            if (count == 0) return _length == 0 ? null : throw new EndOfStreamException("The stream ended within a capsule.");
            _length += count;
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private (ulong Type, byte[] Value)? TakeCapsule()
    {
        var buffer = new ReadOnlySequence<byte>(_received, 0, _length);
        var reader = new CapsuleReader();
        if (!reader.TryReadHeader(ref buffer) || !reader.TryTakeWholeValue(ref buffer, out var value)) return null;
        var capsule = (reader.Type, value.ToArray());
        var rest = buffer.ToArray();
        rest.CopyTo(_received, 0);
        _length = rest.Length;
        return capsule;
    }
}
