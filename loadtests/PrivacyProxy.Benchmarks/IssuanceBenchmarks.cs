using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using PrivacyPass;
using PrivacyPass.Voprf;

namespace PrivacyProxy.Benchmarks;

/// <summary>What an issuer computes: a token of type 2 against a bare signature, and 100 tokens of types 1 and 5 in one amortized batch against 100 by themselves.</summary>
public class IssuanceBenchmarks
{
    /// <summary>Tokens of a batch.</summary>
    public const int Batch = 100;

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly byte[] _hash = SHA384.HashData("message"u8);
    private ITokenIssuer _blindRsa = null!;
    private byte[] _blindRsaRequest = [];
    private Voprf _p384 = null!;
    private Voprf _ristretto = null!;

    [GlobalSetup]
    public void Setup()
    {
        _blindRsa = TokenCryptography.ImportIssuer(TokenType.BlindRsa2048, _rsa.ExportPkcs8PrivateKey());
        using var client = TokenCryptography.CreateClient(TokenType.BlindRsa2048, _blindRsa.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        _blindRsaRequest = pending.Request.ToArray();
        (_p384, _ristretto) = (new Voprf(TokenType.VoprfP384), new Voprf(TokenType.VoprfRistretto255));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _blindRsa.Dispose();
        _rsa.Dispose();
        _p384.Dispose();
        _ristretto.Dispose();
    }

    [Benchmark(Description = "RSA.SignHash")]
    public byte[] SignHash() => _rsa.SignHash(_hash, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);

    [Benchmark(Description = "type 2, one token")]
    public byte[] BlindRsa() => _blindRsa.Issue(_blindRsaRequest);

    [Benchmark(Description = "type 1, 100 single", OperationsPerInvoke = Batch)]
    public int P384Single() => _p384.IssueSingly();

    [Benchmark(Description = "type 1, batch of 100", OperationsPerInvoke = Batch)]
    public byte[] P384Batch() => _p384.IssueBatch();

    [Benchmark(Description = "type 5, 100 single", OperationsPerInvoke = Batch)]
    public int RistrettoSingle() => _ristretto.IssueSingly();

    [Benchmark(Description = "type 5, batch of 100", OperationsPerInvoke = Batch)]
    public byte[] RistrettoBatch() => _ristretto.IssueBatch();

    private sealed class Voprf : IDisposable
    {
        private readonly IBatchTokenIssuer _issuer;
        private readonly byte[][] _requests;
        private readonly byte[] _batch;

        public Voprf(TokenType type)
        {
            _issuer = (IBatchTokenIssuer)TokenCryptography.GenerateIssuer(type);
            using var client = (IBatchTokenClient)TokenCryptography.CreateClient(type, _issuer.PublicKey.Span);
            _requests = [.. Enumerable.Range(0, Batch).Select(_ =>
            {
                using var pending = client.CreateRequest("challenge"u8);
                return pending.Request.ToArray();
            })];
            using var batch = client.CreateBatchRequest("challenge"u8, Batch);
            _batch = batch.Request.ToArray();
            if (batch.Finalize(IssueBatch()).Count != Batch) throw new InvalidOperationException("The batch of the benchmark is not whole.");
        }

        public int IssueSingly()
        {
            var size = 0;
            foreach (var request in _requests) size += _issuer.Issue(request).Length;
            return size;
        }

        public byte[] IssueBatch() => _issuer.IssueBatch(_batch);

        public void Dispose() => _issuer.Dispose();
    }
}

/// <summary>Verification of a token of type 1 against two multiplications of a point of P-384, of which it needs one and a hash to the curve.</summary>
public class PrivateVerificationBenchmarks
{
    private ITokenVerifier _verifier = null!;
    private byte[] _token = [];
    private byte[] _point = [];
    private byte[] _scalar = [];

    [GlobalSetup]
    public void Setup()
    {
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
        using var client = TokenCryptography.CreateClient(TokenType.VoprfP384, issuer.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        _token = pending.Finalize(issuer.Issue(pending.Request.Span));
        (_verifier, _point, _scalar) = (issuer.CreateVerifier(), issuer.PublicKey.ToArray(), issuer.ExportPrivateKey());
    }

    [GlobalCleanup]
    public void Cleanup() => _verifier.Dispose();

    [Benchmark(Baseline = true, Description = "two multiplications")]
    public void Multiply()
    {
        using var scope = P384.Order.Begin();
        var point = P384.DecodeElement(scope, _point)!;
        var scalar = scope.FromBytes(_scalar);
        P384.Multiply(scope, P384.Multiply(scope, point, scalar), scalar);
    }

    [Benchmark(Description = "verification of type 1")]
    public bool Verify() => TokenView.TryRead(_token, out var token) && _verifier.Verify(token);
}
