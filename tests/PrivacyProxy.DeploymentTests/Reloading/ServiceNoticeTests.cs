using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.DeploymentTests.Reloading;

/// <summary>What a service manager hears, on a real socket of its kind.</summary>
public sealed class ServiceNoticeTests
{
    [Theory]
    [InlineData("serve", "--psk", "k", "--management", "none")]
    [InlineData("issuer", "--token-types", "2")]
    public async Task A_service_manager_hears_that_it_is_ready_reads_settings_again_and_stops(string command, params string[] flags)
    {
        using var folder = new TemporaryDirectory();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(folder.File("notify")));
        await using var program = ChildProcess.StartProduct(
            [command, "--urls", "http://127.0.0.1:0", "--data", folder.File("data"), .. flags],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = folder.File("notify") });

        Assert.Equal("READY=1", await HearAsync());
        // Ready means that it listens, which is told on standard output too.
        await program.WaitForOutputAsync(static line => line.StartsWith("ready ", StringComparison.Ordinal));
        PosixSignals.HangUp(program.Id);
        Assert.Matches(@"^RELOADING=1\nMONOTONIC_USEC=[1-9]\d+$", await HearAsync());
        Assert.Equal("READY=1", await HearAsync());
        var end = program.TerminateAsync();
        Assert.Equal("STOPPING=1", await HearAsync());
        Assert.Equal(0, await end);

        async Task<string> HearAsync()
        {
            using var deadline = new CancellationTokenSource(ChildProcess.Patience);
            var message = new byte[1024];
            return Encoding.UTF8.GetString(message, 0, await manager.ReceiveAsync(message, deadline.Token));
        }
    }
}
