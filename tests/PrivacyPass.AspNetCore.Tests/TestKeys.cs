using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>Key files in use since <see cref="ManualTime.Start"/>, made once: generating RSA keys is most of a test's time.</summary>
internal static class TestKeys
{
    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> _files = new(Generate);

    public static void CopyTo(string directory)
    {
        foreach (var (name, content) in _files.Value) File.WriteAllBytes(Path.Combine(directory, name), content);
    }

    private static Dictionary<string, byte[]> Generate()
    {
        using var directory = new TemporaryDirectory();
        using (IssuerKeyRing.Open(new IssuerKeyRingOptions { Directory = directory.Path }, new ManualTime()))
        {
        }

        return Directory.GetFiles(directory.Path, "*.key.json").ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal);
    }
}
