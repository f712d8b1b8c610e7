namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Runs curl: the system's, and a newer one that speaks HTTP/2 to proxies.</summary>
internal sealed class Curl
{
    private readonly string _program;

    private Curl(string program) => _program = program;

    public static Curl System { get; } = new("curl");

    /// <summary>The newer one; skips the test by name where it is absent.</summary>
    public static Curl Newer() => new(SidProgram.Require("curl8"));

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

    /// <summary>curl dumps the answer to CONNECT and CONNECT-UDP on HTTP/1.1 only; on HTTP/2 it is among what <c>--verbose</c> prints.</summary>
    private static IEnumerable<HttpHead> VerboseConnectHeads(IReadOnlyList<string> errors)
    {
        const string Status = " Response Status ", Field = "*   ";
        var start = errors.TakeWhile(line => !(line.StartsWith("* CONNECT", StringComparison.Ordinal) && line.Contains(Status, StringComparison.Ordinal))).Count();
        if (start == errors.Count) yield break;
        var fields = errors.Skip(start + 1).SkipWhile(line => !line.StartsWith(Field, StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith(Field, StringComparison.Ordinal)).Select(line => line[Field.Length..]);
        yield return HttpHead.Parse($"HTTP/2 {errors[start].Split(Status)[1].Trim()}\r\n{string.Join("\r\n", fields)}\r\n");
    }
}
