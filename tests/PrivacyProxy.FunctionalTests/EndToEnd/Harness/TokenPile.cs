using System.Collections.Concurrent;
using System.Globalization;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Fresh tokens, fetched in batches with the product's own <c>token request</c>.</summary>
internal sealed class TokenPile(Uri issuer, ProxyProcess proxy)
{
    private const int Batch = 30;

    private readonly ConcurrentDictionary<int, ConcurrentQueue<string>> _tokens = new();

    /// <summary>A token that nobody has used, in base64url.</summary>
    public async Task<string> TakeAsync(int type = 2)
    {
        var tokens = _tokens.GetOrAdd(type, _ => new ConcurrentQueue<string>());
        string? token;
        while (!tokens.TryDequeue(out token))
            foreach (var fresh in await RequestAsync(issuer, type, Batch, "--proxy", proxy.Plain.ToString())) tokens.Enqueue(fresh);
        return token;
    }

    /// <summary>Runs <c>token request</c>.</summary>
    public static async Task<IReadOnlyList<string>> RequestAsync(Uri issuer, int type, int count, params IEnumerable<string> challenge)
    {
        var result = await ChildProcess.RunProductAsync(
        [
            "token", "request", "--issuer", issuer.ToString(), .. challenge,
            "--count", count.ToString(CultureInfo.InvariantCulture), "--type", type.ToString(CultureInfo.InvariantCulture),
        ]);
        Assert.True(result.ExitCode == 0, $"token request ended with {result.ExitCode}: {result.Errors}");
        Assert.Equal(count, result.OutputLines.Count);
        return result.OutputLines;
    }
}
