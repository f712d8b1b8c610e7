using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>Rings in a directory of the test's, by a clock of the test's.</summary>
public abstract class KeyRingTests : IDisposable
{
    private protected TemporaryDirectory Folder { get; } = new();

    private protected FakeTimeProvider Time { get; } = TestKeys.Clock();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected IssuerKeyRing Open(TokenType type) => Open(options => options.TokenTypes.Add(type));

    private protected IssuerKeyRing Open(Action<IssuerKeyRingOptions>? configure = null)
    {
        var options = new IssuerKeyRingOptions { Directory = Folder.Path };
        configure?.Invoke(options);
        return IssuerKeyRing.Open(options, Time);
    }

    private protected string[] KeyFiles() => Directory.GetFiles(Folder.Path, "*.key.json");
}
