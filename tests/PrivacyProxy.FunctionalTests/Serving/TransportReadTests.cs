using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace PrivacyProxy.FunctionalTests.Serving;

/// <summary>What the built program asks of the kernel for an upload: the block size of Kestrel's transport is easily lost without anyone noticing.</summary>
public sealed partial class TransportReadTests : IDisposable
{
    private const int Megabytes = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task An_upload_is_read_in_blocks_larger_than_those_of_Kestrel()
    {
        Skip.IfNot(File.Exists("/usr/bin/strace"), "strace is not installed.");
        await using var process = ChildProcess.StartProduct(["serve", "--urls", "http://127.0.0.1:0", "--management", "none", "--psk", "kkkkkkkkkkkkkkkkkkkk", "--allow-private", "--allow-ports", "any", "--data", _folder], folder: _folder);
        var proxy = new IPEndPoint(IPAddress.Loopback, (await process.WaitUntilReadyAsync())[0].Port);
        using var origin = new TestOrigin();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(proxy);
        await client.SendAsync(Encoding.ASCII.GetBytes($"CONNECT 127.0.0.1:{origin.Port} HTTP/1.1\r\nHost: 127.0.0.1:{origin.Port}\r\nProxy-Authorization: Preshared kkkkkkkkkkkkkkkkkkkk\r\n\r\n"));
        using var far = await origin.AcceptAsync();
        var answer = new byte[4096];
        Assert.True(await client.ReceiveAsync(answer).WaitAsync(TestTimes.Limit) > 0);

        var calls = Path.Combine(_folder, "calls");
        using var strace = Process.Start(new ProcessStartInfo("/usr/bin/strace", ["-f", "-e", "trace=recvfrom,recvmsg,read", "-o", calls, "-p", process.Id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        var attached = await strace.StandardError.ReadLineAsync().WaitAsync(TestTimes.Limit);
        Skip.IfNot(attached?.Contains("attached", StringComparison.Ordinal) == true, $"strace cannot look at another process here: {attached}");
        var draining = strace.StandardError.ReadToEndAsync();
        var upload = Task.Run(() =>
        {
            var piece = new byte[1024 * 1024];
            for (var i = 0; i < Megabytes; i++) client.Send(piece);
            client.Shutdown(SocketShutdown.Send);
        });
        var received = 0L;
        var buffer = new byte[1024 * 1024];
        while (await far.ReceiveAsync(buffer).WaitAsync(TestTimes.Limit) is > 0 and var count) received += count;
        await upload.WaitAsync(TestTimes.Limit);
        PosixSignals.Interrupt(strace.Id);
        await strace.WaitForExitAsync().WaitAsync(TestTimes.Limit);
        await draining;
        Assert.Equal(Megabytes * 1024L * 1024, received);

        var sizes = File.ReadLines(calls).Select(static line => Received().Match(line)).Where(static match => match.Success)
            .Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Where(static size => size > 0).ToList();
        // Kestrel's own blocks: 4,096 reads. How full a block gets is the kernel's business, hence the room.
        Assert.True(sizes.Max() > 4096, $"no read brought more than {sizes.Max()} bytes");
        Assert.InRange(sizes.Count, 1, 2048);
    }

    [GeneratedRegex(@"= (\d+)$")]
    private static partial Regex Received();
}
