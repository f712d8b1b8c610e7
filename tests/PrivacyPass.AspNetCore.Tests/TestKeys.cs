using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Testing.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>Key files in use since <see cref="Start"/>, made once: generating RSA keys is most of a test's time.</summary>
internal static class TestKeys
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> _files = new(static () => FilesOf(static directory =>
        IssuerKeyRing.Open(new IssuerKeyRingOptions { Directory = directory }, Clock()).Dispose()));

    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> _metadata = new(static () => FilesOf(static directory => SafePrimeKey.AddTo(directory, Start)));

    /// <summary>A clock that stands at <see cref="Start"/> until it is moved.</summary>
    public static FakeTimeProvider Clock() => new(Start);

    public static void CopyTo(string directory) => Copy(_files.Value, directory);

    /// <summary>A key of type 0xDA7A.</summary>
    public static void CopyMetadataKeyTo(string directory) => Copy(_metadata.Value, directory);

    private static void Copy(IReadOnlyDictionary<string, byte[]> files, string directory)
    {
        foreach (var (name, content) in files) File.WriteAllBytes(Path.Combine(directory, name), content);
    }

    private static Dictionary<string, byte[]> FilesOf(Action<string> make)
    {
        using var directory = new TemporaryDirectory();
        make(directory.Path);
        return Directory.GetFiles(directory.Path, "*.key.json").ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal);
    }
}
