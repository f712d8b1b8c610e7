using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Testing.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>Key files in use since <see cref="Start"/>, made once: generating RSA keys is most of a test's time.</summary>
internal static class TestKeys
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> _files = new(Generate);

    /// <summary>A clock that stands at <see cref="Start"/> until it is moved.</summary>
    public static FakeTimeProvider Clock() => new(Start);

    public static void CopyTo(string directory)
    {
        foreach (var (name, content) in _files.Value) File.WriteAllBytes(Path.Combine(directory, name), content);
    }

    /// <summary>A key of type 0xDA7A.</summary>
    public static void CopyMetadataKeyTo(string directory) => SafePrimeKey.AddTo(directory, Start);

    private static Dictionary<string, byte[]> Generate()
    {
        using var directory = new TemporaryDirectory();
        var options = new IssuerKeyRingOptions { Directory = directory.Path };
        using (IssuerKeyRing.Open(options, Clock()))
        {
        }

        return Directory.GetFiles(directory.Path, "*.key.json").ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal);
    }
}
