using System.Text;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>The search of the leak test finds what it is to find.</summary>
public sealed class SecretsTests
{
    private const string Destination = "hidden-place.example";

    private static readonly byte[] _nonce = [.. Enumerable.Range(200, 32).Select(static number => (byte)number)];

    public static TheoryData<string> Places => new()
    {
        Destination,
        "GET HTTPS://HIDDEN-PLACE.EXAMPLE/",
        "%68%69%64%64%65%6e%2d%70%6c%61%63%65%2e%65%78%61%6d%70%6c%65",
        Convert.ToHexString(Encoding.UTF8.GetBytes(Destination)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Destination)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Destination}:443")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"a.{Destination}:443")),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"b{Destination}:443")),
        $"{{\"nonce\":\"{Convert.ToBase64String(_nonce)}\"}}".Replace("+", "\\u002B", StringComparison.Ordinal),
        Convert.ToBase64String([0, 2, .. _nonce, 1, 2, 3]).Replace('+', '-').Replace('/', '_'),
        Convert.ToHexStringLower(_nonce),
        Encoding.Latin1.GetString(_nonce),
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_secret_is_found_in_every_form(string place)
    {
        var secrets = new Secrets();
        secrets.Add("destination", Destination);
        secrets.Add("nonce", _nonce);
        Assert.Single(secrets.FoundIn($"something before {place} and after"));
        Assert.Empty(secrets.FoundIn("nothing of the kind: hidden place, example.hidden"));
    }
}
