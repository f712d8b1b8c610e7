using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>A running tests/tools/h3_origin.py: an HTTP/3 site on loopback, of aioquic. Its large bodies are known by their place, so that a lost or moved chunk shows.</summary>
internal sealed class Http3Origin : IAsyncDisposable
{
    private const int ChunkSize = 1 << 16;

    private readonly ChildProcess _child;
    private readonly TemporaryDirectory _directory;

    private Http3Origin(ChildProcess child, TemporaryDirectory directory, int port)
    {
        _child = child;
        _directory = directory;
        // By address: localhost may be ::1 first, where it does not listen.
        Url = new Uri($"https://127.0.0.1:{port}");
    }

    public Uri Url { get; }

    public string CaFile => CertificateFile(_directory);

    /// <summary>Skips the test by name where aioquic is not.</summary>
    public static async Task<Http3Origin> StartAsync()
    {
        var python = SidProgram.Require("sidpy");
        var root = Product.RepositoryRoot;
        Skip.If(root is null, "the tests run outside a checkout: tests/tools/h3_origin.py is not here");
        var directory = new TemporaryDirectory();
        using (var certificate = TestCertificate.Create())
        {
            await File.WriteAllTextAsync(CertificateFile(directory), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(directory.File("key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        var child = ChildProcess.Start(
            python, Path.Combine(root, "tests/tools/h3_origin.py"), "--certificate", CertificateFile(directory), "--key", directory.File("key.pem"));
        try
        {
            var lines = await child.WaitForOutputAsync(line => line.StartsWith("ready ", StringComparison.Ordinal));
            return new Http3Origin(child, directory, int.Parse(lines[0]["ready ".Length..]));
        }
        catch
        {
            await child.DisposeAsync();
            directory.Dispose();
            throw;
        }
    }

    /// <summary>The hash of /bytes/<paramref name="count"/>.</summary>
    public static string Hash(long count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> seed = stackalloc byte[8];
        var chunk = new byte[ChunkSize];
        for (long place = 0; place < count; place += ChunkSize)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(seed, place);
            var part = chunk.AsSpan(0, (int)Math.Min(ChunkSize, count - place));
            Shake128.HashData(seed, part);
            hash.AppendData(part);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        _directory.Dispose();
    }

    private static string CertificateFile(TemporaryDirectory directory) => directory.File("certificate.pem");
}
