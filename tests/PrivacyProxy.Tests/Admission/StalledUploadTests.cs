namespace PrivacyProxy.Tests.Admission;

public sealed class StalledUploadTests
{
    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Native)]
    [InlineData(TestWay.Http1Tls)]
    [InlineData(TestWay.Http1NativeTls)]
    [InlineData(TestWay.Http2Native)]
    public async Task A_client_that_resets_while_its_upload_is_stalled_ends_its_tunnel(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin(receiveBufferSize: 4096);
        var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var unread = await origin.AcceptAsync();
        var uploading = UploadAsync(client);
        var last = -1L;
        // Nothing moves any more: the origin reads nothing.
        await TestTimes.UntilAsync(() =>
        {
            var now = proxy.Metrics["privacy_proxy_bytes_received_total"] + proxy.Metrics["privacy_proxy_bytes_sent_total"];
            var same = now == last && now > 0;
            last = (long)now;
            if (!same) Thread.Sleep(500);
            return same;
        });
        await client.ResetAsync();
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        await client.DisposeAsync();
        Assert.IsNotType<TimeoutException>(await Record.ExceptionAsync(() => uploading.WaitAsync(TestTimes.Limit)));
    }

    private static async Task UploadAsync(TestClient client)
    {
        var bytes = new byte[64 * 1024];
        while (true) await client.WriteAsync(bytes);
    }
}
