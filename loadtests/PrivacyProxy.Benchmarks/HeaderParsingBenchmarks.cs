using BenchmarkDotNet.Attributes;
using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyProxy.Benchmarks;

/// <summary>The first step of every redemption: header value to token. To stay under 1 us and 0 B.</summary>
[MemoryDiagnoser]
public class HeaderParsingBenchmarks
{
    private readonly byte[] _token = new byte[TokenSizes.LargestToken];
    private string _quoted = "", _unquoted = "", _chromium = "", _type1 = "", _refused = "";

    [GlobalSetup]
    public void Setup()
    {
        var type2 = new byte[354];
        new Random(1).NextBytes(type2);
        type2[0] = 0;
        type2[1] = 2;
        byte[] type1 = [0, 1, .. type2.AsSpan(2, 144)];
        _quoted = PrivateTokenCredentials.Write(type2);
        _unquoted = _quoted.Replace("\"", "", StringComparison.Ordinal);
        _chromium = _quoted + ", extensions=\"" + PaddedBase64Url.Encode(type1.AsSpan(0, 64)) + "\"";
        _type1 = PrivateTokenCredentials.Write(type1);
        _refused = _quoted[..^2] + "+\"";
    }

    [Benchmark(Baseline = true)]
    public int Type2Quoted() => Read(_quoted);

    [Benchmark]
    public int Type2Unquoted() => Read(_unquoted);

    [Benchmark]
    public int Type2WithExtensions() => Read(_chromium);

    [Benchmark]
    public int Type1Quoted() => Read(_type1);

    [Benchmark]
    public int StandardBase64Refused() => Read(_refused);

    private int Read(string header)
    {
        var error = PrivateTokenCredentials.TryRead(header, _token, out var length);
        return TokenView.TryRead(_token.AsSpan(0, length), out var token) ? token.Authenticator.Length : (int)error;
    }
}
