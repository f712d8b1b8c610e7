namespace PrivacyProxy.Testing.Listeners;

/// <summary>A client of the proxy that can do what real ones cannot: half-close, reset, and send what it should not.</summary>
internal abstract class TestClient : IAsyncDisposable
{
    public const string GoodCredentials = "Preshared good";

    public static async Task<TestClient> ConnectAsync(ProxyFixture proxy, TestWay way) => way switch
    {
        TestWay.Http1 or TestWay.Http1Native => await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false),
        TestWay.Http1Tls or TestWay.Http1NativeTls => await Http1TestClient.OpenAsync(proxy.EndPoint, tls: true),
        TestWay.Http2 or TestWay.Http2Native => await Http2TestClient.OpenAsync(proxy.EndPoint, tls: false),
        TestWay.Http2Tls or TestWay.Http2NativeTls => await Http2TestClient.OpenAsync(proxy.EndPoint, tls: true),
        TestWay.Http3Quic when OperatingSystem.IsLinux() => await Http3TestClient.OpenAsync(await QuicTransportConnection.ConnectAsync(proxy.EndPoint, static (_, certificate, _, _) => certificate is not null)),
        _ => await Http3TestClient.OpenAsync(proxy.Http3.Connect()),
    };

    /// <summary>Sends CONNECT and reads the head of the answer.</summary>
    public abstract Task<TestAnswer> RequestAsync(string authority, params (string Name, string Value)[] fields);

    /// <summary>Asks for a templated tunnel (GET with Upgrade, or extended CONNECT), without waiting for the answer.</summary>
    public abstract Task SendTemplatedAsync(string protocol, string path, params (string Name, string Value)[] fields);

    /// <summary>The next head of an answer; an IOException where the stream is reset instead.</summary>
    public abstract Task<TestAnswer> ReadAnswerAsync();

    public abstract Task WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>0 at the end; an IOException when the tunnel was reset.</summary>
    public abstract Task<int> ReadAsync(Memory<byte> buffer);

    /// <summary>Half-closes.</summary>
    public abstract Task EndAsync();

    /// <summary>Breaks the tunnel: RST_STREAM or RST.</summary>
    public abstract Task ResetAsync();

    public abstract ValueTask DisposeAsync();

    public async Task OpenAsync(string authority)
    {
        var answer = await RequestAsync(authority, ("proxy-authorization", GoodCredentials));
        Assert.Equal(200, answer.Status);
    }

    public async Task ReadExactlyAsync(Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await ReadAsync(buffer).WaitAsync(TestTimes.Limit);
            if (count == 0) throw new EndOfStreamException();
            buffer = buffer[count..];
        }
    }
}
