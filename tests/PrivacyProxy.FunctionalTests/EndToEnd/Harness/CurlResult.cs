using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>What curl saw: every response head in order (the proxy's CONNECT answer first), and the body.</summary>
internal sealed record CurlResult(int ExitCode, string Errors, IReadOnlyList<HttpHead> Heads, byte[] Body)
{
    /// <summary>The proxy's answer to CONNECT.</summary>
    public HttpHead Connect => Heads[0];

    public string Text => Encoding.UTF8.GetString(Body);
}
