namespace PrivacyPass.AspNetCore.Tests;

/// <summary>A directory that is deleted with its files.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("issuer-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
