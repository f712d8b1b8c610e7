namespace Interop.Tests;

/// <summary>A directory that is deleted with its files.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("interop-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
