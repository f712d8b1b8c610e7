using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>The servers that other tests rely on do what they are told.</summary>
public sealed class MemcachedProcessTests
{
    [SkippableFact]
    public async Task A_restarted_server_is_empty_and_at_the_same_port()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var server = await MemcachedProcess.StartAsync("-m", "16");
        Assert.Equal("STORED\r\n", await AskAsync(server, "add k 0 0 1\r\n1\r\n"));
        Assert.StartsWith("VALUE k", await AskAsync(server, "get k\r\n"));
        var (port, process) = (server.Port, server.ProcessId);

        await server.RestartEmptyAsync();

        Assert.Equal(port, server.Port);
        Assert.NotEqual(process, server.ProcessId);
        Assert.Equal("END\r\n", await AskAsync(server, "get k\r\n"));
    }

    [SkippableFact]
    public async Task A_stopped_server_answers_only_after_it_is_continued()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var server = await MemcachedProcess.StartAsync("-m", "16");
        server.Stop();
        // The kernel still takes connections for it.
        var answer = AskAsync(server, "get k\r\n");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(100)));
        server.Continue();
        Assert.Equal("END\r\n", await answer);
    }

    [SkippableFact]
    public async Task A_killed_server_refuses_connections()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var server = await MemcachedProcess.StartAsync("-m", "16");
        await server.KillAsync();
        Assert.False(server.IsRunning);
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(server, "get k\r\n"));
    }

    [SkippableFact]
    public async Task It_also_runs_on_a_unix_socket()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var directory = Directory.CreateTempSubdirectory("pp-mc");
        try
        {
            await using var server = await MemcachedProcess.StartOnUnixSocketAsync(Path.Combine(directory.FullName, "mc"), "-m", "16");
            Assert.StartsWith("unix:/", server.Address);
            Assert.Equal("END\r\n", await AskAsync(server, "get k\r\n"));
            await server.RestartEmptyAsync();
            Assert.Equal("END\r\n", await AskAsync(server, "get k\r\n"));
        }
        finally
        {
            directory.Delete(true);
        }
    }

    [SkippableFact]
    public async Task Flags_it_does_not_know_are_said_in_the_error()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var error = await Assert.ThrowsAsync<IOException>(() => MemcachedProcess.StartAsync("--no-such-flag"));
        Assert.Contains("--no-such-flag", error.Message);
    }

    private static async Task<string> AskAsync(MemcachedProcess server, string command)
    {
        using var socket = new Socket(server.EndPoint.AddressFamily, SocketType.Stream, server.Port == 0 ? ProtocolType.Unspecified : ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        await socket.SendAsync(Encoding.ASCII.GetBytes(command));
        var reply = new byte[256];
        return Encoding.ASCII.GetString(reply, 0, await socket.ReceiveAsync(reply));
    }
}
