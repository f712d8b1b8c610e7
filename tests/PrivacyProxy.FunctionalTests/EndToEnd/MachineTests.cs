using System.Globalization;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>What the machine and whoever starts a program make of it: umask, watchers of files, a second start.</summary>
public sealed class MachineTests
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others = OthersWrite | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    [Theory]
    [InlineData("000")]
    [InlineData("077")]
    public async Task Every_file_and_folder_of_a_proxy_has_its_mode_whatever_the_umask(string umask)
    {
        using var directory = new TemporaryDirectory();
        var data = directory.File("made/by/us");
        await using (var proxy = await StartAsync(umask, ["serve", "--urls", "https://127.0.0.1:0", "--management", "none", "--psk", "k", "--data", data, "--store", "Sqlite", "--sqlite", directory.File("spent.db")]))
            Assert.Equal(0, await proxy.TerminateAsync());

        AssertFolders(directory.Path, data);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(Path.Combine(data, "ca.pem")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "ca-key.pem")));
        Assert.All(Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories), static file => Assert.Equal(default, File.GetUnixFileMode(file) & OthersWrite));
    }

    [Theory]
    [InlineData("000")]
    [InlineData("077")]
    public async Task Every_file_and_folder_of_an_issuer_has_its_mode_whatever_the_umask(string umask)
    {
        foreach (var scheme in new[] { "http", "https" })
        {
            using var directory = new TemporaryDirectory();
            var data = directory.File("made/by/us");
            await using (var issuer = await StartAsync(umask, ["issuer", "--urls", $"{scheme}://127.0.0.1:0", "--data", data]))
                Assert.Equal(0, await issuer.TerminateAsync());

            AssertFolders(directory.Path, data);
            Assert.Equal(default, File.GetUnixFileMode(data) & Others);
            var files = Directory.GetFiles(data);
            Assert.True(files.Length >= 3);
            Assert.All(files.Where(static file => !file.EndsWith("/ca.pem", StringComparison.Ordinal)), static file => Assert.Equal(default, File.GetUnixFileMode(file) & Others));
        }
    }

    [Fact]
    public async Task A_proxy_started_again_shows_a_certificate_of_the_same_authority()
    {
        using var directory = new TemporaryDirectory();
        string? first = null;
        for (var start = 0; start < 2; start++)
        {
            await using var proxy = await StartAsync("022", ["serve", "--urls", "https://127.0.0.1:0", "--management", "none", "--psk", "k", "--data", directory.Path]);
            var url = (await proxy.WaitUntilReadyAsync())[0];
            first ??= await File.ReadAllTextAsync(directory.File("ca.pem"));
            // A client that has read the file once.
            await File.WriteAllTextAsync(directory.File("trusted.pem"), first);
            await using var probe = await HttpProbe.ConnectAsync(url, directory.File("trusted.pem"));
            await probe.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(404, (await probe.ReadHeadAsync()).Status);
            Assert.Equal(0, await proxy.TerminateAsync());
        }

        Assert.Equal(first, await File.ReadAllTextAsync(directory.File("ca.pem")));
    }

    [SkippableFact]
    public async Task Without_a_watcher_left_on_the_machine_it_starts_and_a_changed_file_is_noticed_all_the_same()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.UserName == "root", "becomes another user, to use up that one's inotify instances");
        using var directory = new TemporaryDirectory();
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_111_111);
        var file = directory.File("settings.json");
        await File.WriteAllTextAsync(file, """{ "PrivacyProxy": { "Authentication": { "PresharedKeys": ["k"] } } }""");
        await using var proxy = ChildProcess.Start(
            "python3",
            [Path.Combine(Product.RepositoryRoot!, "tests/tools/without_inotify.py"), "61234", "dotnet", Product.Assembly, "serve", "--urls", "http://127.0.0.1:0", "--management", "none", "--config", file],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = directory.Path, ["DOTNET_CLI_HOME"] = directory.Path });
        await proxy.WaitUntilReadyAsync();
        await File.WriteAllTextAsync(file, """{ "PrivacyProxy": { "Authentication": { "PresharedKeys": ["another"] } } }""");
        await proxy.WaitForErrorsAsync("Configuration reloaded", 1);
        Assert.Equal(0, await proxy.TerminateAsync());
    }

    private static void AssertFolders(string root, string data)
    {
        for (var folder = data; folder != root; folder = Path.GetDirectoryName(folder)!) Assert.Equal(default, File.GetUnixFileMode(folder) & OthersWrite);
    }

    private static async Task<ChildProcess> StartAsync(string umask, string[] arguments)
    {
        var child = ChildProcess.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"umask {umask}; exec dotnet \"$0\" \"$@\""), Product.Assembly, .. arguments]);
        await child.WaitUntilReadyAsync();
        return child;
    }
}
