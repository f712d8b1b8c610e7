using System.Diagnostics;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.HttpProxy;

/// <summary>Programs that keep their connection, each with three requests to an origin that pays no heed to <c>Connection: close</c>.</summary>
public sealed class RealClientTests : RelayTests, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("relay-clients-");

    [SkippableFact]
    public async Task Wget() => await FetchesAsync(origin => Run("wget", ["-q", "-t", "1", "-T", "20", "-O", "-", $"{origin}/0", $"{origin}/1", $"{origin}/2"]));

    [SkippableFact]
    public async Task Curl() => await FetchesAsync(origin => Run("curl", ["-sS", "--max-time", "30", $"{origin}/0", $"{origin}/1", $"{origin}/2"]));

    [SkippableFact]
    public async Task Python_requests()
    {
        Skip.IfNot((await Run("python3", ["-c", "import requests"])).ExitCode == 0, "python3 has no requests");
        await FetchesAsync(origin => Run("python3", ["-c", $"import requests\ns = requests.Session()\nprint(''.join(s.get('{origin}/%d' % i, timeout=20).text for i in range(3)))"]));
    }

    [SkippableFact]
    public async Task Node() => await FetchesAsync(origin => Run("node", ["-e", $$"""
        const http = require('http'), agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const get = i => new Promise((done, fail) => http.get({ agent, host: '127.0.0.1', port: {{Relay.Port}}, path: '{{origin}}/' + i, headers: { Host: 'origin.example' }, timeout: 20000 },
          answer => { let text = ''; answer.on('data', d => text += d).on('end', () => done(text)); }).on('error', fail).on('timeout', () => fail(new Error('timeout'))));
        (async () => { for (let i = 0; i < 3; i++) process.stdout.write(await get(i)); agent.destroy(); })().catch(e => { console.error(e); process.exit(1); });
        """]));

    [SkippableFact]
    public async Task Java()
    {
        var source = Path.Combine(_directory.FullName, "Client.java");
        await File.WriteAllTextAsync(source, """
            public class Client {
                public static void main(String[] urls) throws Exception {
                    for (String url : urls) {
                        var connection = new java.net.URL(url).openConnection();
                        connection.setReadTimeout(20000);
                        try (var answer = connection.getInputStream()) { System.out.print(new String(answer.readAllBytes())); }
                    }
                }
            }
            """);
        await FetchesAsync(origin => Run("java", ["-Dhttp.proxyHost=127.0.0.1", $"-Dhttp.proxyPort={Relay.Port}", source, $"{origin}/0", $"{origin}/1", $"{origin}/2"]));
    }

    [SkippableFact]
    public async Task Apt() => await FetchesAsync(async origin =>
    {
        string[] files = [.. Enumerable.Range(0, 3).Select(i => Path.Combine(_directory.FullName, $"file{i}"))];
        var result = await Run("/usr/lib/apt/apt-helper", ["-o", $"Acquire::http::Proxy=http://127.0.0.1:{Relay.Port}", "-o", "Acquire::http::Timeout=20", "download-file", .. files.SelectMany((file, i) => new[] { $"{origin}/{i}", file })]);
        return (result.ExitCode, string.Concat(files.Where(File.Exists).Select(File.ReadAllText)), result.Errors);
    });

    public void Dispose() => _directory.Delete(recursive: true);

    private static async Task FetchesAsync(Func<string, Task<(int ExitCode, string Output, string Errors)>> run)
    {
        await using var origin = new ScriptedOrigin("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        var (exitCode, output, errors) = await run(origin.Url);
        Assert.True(exitCode == 0, errors);
        Assert.Equal("hellohellohello", output.Trim());
        Assert.Equal(["/0", "/1", "/2"], origin.Requests.Select(request => request.Split(' ')[1]).Order(StringComparer.Ordinal));
    }

    private async Task<(int ExitCode, string Output, string Errors)> Run(string program, string[] arguments)
    {
        var path = Path.IsPathRooted(program) ? program : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Skip.IfNot(File.Exists(path), $"{program} is absent");
        var start = new ProcessStartInfo(path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY" }) start.Environment.Remove(name);
        start.Environment["http_proxy"] = $"http://127.0.0.1:{Relay.Port}";
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
