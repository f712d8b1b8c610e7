using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tunneling.Tls;

namespace Tunneling.Fuzz;

/// <summary>
/// What comes to a server before and in a handshake, in pieces whose size the first byte says, and its end. Whatever it is, the session says so
/// in its statuses, holds no more than it was given, and goes on saying it.
/// </summary>
internal static class TlsTarget
{
    /// <summary>A whole flight of ours, certificate included, is less.</summary>
    private const int MaxAnswer = 32 * 1024;

    private static readonly TlsServerContext _context = NewContext();
    private static readonly TlsBuffers _buffers = new();
    private static readonly byte[] _output = new byte[MaxAnswer];
    private static readonly byte[] _plaintext = new byte[4096];

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var piece = input[0] < 128 ? 1 + input[0] : int.MaxValue;
        input = input[1..];
        using var session = _context.Accept(_buffers);
        var answered = 0;
        while (!input.IsEmpty)
        {
            var count = session.Give(input[..Math.Min(piece, input.Length)]);
            if (count == 0) throw new InvalidOperationException("It takes nothing and holds nothing.");
            input = input[count..];
            answered += Advance(session);
            if (answered > MaxAnswer) throw new InvalidOperationException("It answers more than a handshake.");
        }

        session.GiveEnd();
        Advance(session);
        var status = session.Handshake();
        if (status is not (TlsStatus.Truncated or TlsStatus.Failed or TlsStatus.Done)) throw new InvalidOperationException($"At the end it says {status}.");
        if (status != TlsStatus.Done && session.Failure is null) throw new InvalidOperationException("It is over and does not say why.");
        if (status != session.Handshake()) throw new InvalidOperationException("It does not stay what it was.");
    }

    private static int Advance(TlsSession session)
    {
        var status = session.Handshake();
        if (status == TlsStatus.WantWrite) throw new InvalidOperationException("Without a socket there is nothing to wait for.");
        if (status == TlsStatus.Done && session.Read(_plaintext) is { Count: > 4096 or < 0 }) throw new InvalidOperationException("It read more than there was room for.");
        return session.Take(_output);
    }

    private static TlsServerContext NewContext()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new TlsServerContext(new TlsServerOptions(), TlsCertificate.From(certificate));
    }
}
