namespace PrivacyProxy.Tests.EndToEnd.Harness;

/// <summary>Runs curl: the system's, and a newer one that speaks HTTP/2 to proxies.</summary>
internal sealed class Curl
{
    private static readonly Lazy<string?> _curl8 = new(FindCurl8);

    private readonly string _program;

    private Curl(string program) => _program = program;

    public static Curl System { get; } = new("curl");

    /// <summary>The newer one; skips the test by name where it is absent.</summary>
    public static Curl Newer()
    {
        Skip.If(_curl8.Value is null, "curl 8 is not here (env CURL8, .tools/sid/bin/curl8 or /opt/sid-clients/bin/curl8)");
        return new Curl(_curl8.Value!);
    }

    /// <summary>Runs it silently but for errors.</summary>
    public async Task<CurlResult> RunAsync(params IEnumerable<string> arguments)
    {
        using var directory = new TemporaryDirectory();
        var heads = directory.File("heads");
        var body = directory.File("body");
        var result = await ChildProcess.RunAsync(
            _program,
            ["--silent", "--show-error", "--max-time", "80", "--noproxy", "", "--dump-header", heads, "--output", body, .. arguments],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = directory.Path });
        return new CurlResult(
            result.ExitCode,
            result.Errors,
            [.. VerboseConnectHeads(result.ErrorLines), .. HttpHead.ParseAll(File.Exists(heads) ? await File.ReadAllTextAsync(heads) : "")],
            File.Exists(body) ? await File.ReadAllBytesAsync(body) : []);
    }

    /// <summary>curl dumps the answer to CONNECT on HTTP/1.1 only; on HTTP/2 it is among what <c>--verbose</c> prints.</summary>
    private static IEnumerable<HttpHead> VerboseConnectHeads(IReadOnlyList<string> errors)
    {
        const string Status = "* CONNECT Response Status ", Field = "*   ";
        var start = errors.TakeWhile(line => !line.StartsWith(Status, StringComparison.Ordinal)).Count();
        if (start == errors.Count) yield break;
        var fields = errors.Skip(start + 1).SkipWhile(line => !line.StartsWith(Field, StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith(Field, StringComparison.Ordinal)).Select(line => line[Field.Length..]);
        yield return HttpHead.Parse($"HTTP/2 {errors[start][Status.Length..].Trim()}\r\n{string.Join("\r\n", fields)}\r\n");
    }

    private static string? FindCurl8()
    {
        string?[] places =
        [
            Environment.GetEnvironmentVariable("CURL8"),
            Product.RepositoryRoot is { } root ? Path.Combine(root, ".tools/sid/bin/curl8") : null,
            "/opt/sid-clients/bin/curl8",
        ];
        return places.FirstOrDefault(File.Exists);
    }
}
